/** What happens in the store, as it happens: one stream for the page, and the lists it concerns asked anew. */
import { useQueryClient } from '@tanstack/vue-query'
import { createSharedComposable, useThrottleFn } from '@vueuse/core'
import { onScopeDispose, ref } from 'vue'
import { sales } from '../api/sales'
import { catalogKeys } from './catalog'
import { inventoryKeys } from './inventory'
import { salesKeys } from './sales'

const orderEvents = ['order.placed', 'order.paid', 'order.cancelled']

export const useLive = createSharedComposable(() => {
  const cache = useQueryClient()
  const online = ref(false)
  let source: EventSource | undefined
  let waiting: ReturnType<typeof setTimeout> | undefined

  const askSales = useThrottleFn(
    () => {
      void cache.invalidateQueries({ queryKey: salesKeys.orders })
      void cache.invalidateQueries({ queryKey: salesKeys.today })
      void cache.invalidateQueries({ queryKey: inventoryKeys.all })
    },
    2000,
    true,
  )
  const askGoods = useThrottleFn(() => void cache.invalidateQueries({ queryKey: catalogKeys.products }), 2000, true)

  function listen(): void {
    if (typeof EventSource === 'undefined') return
    source = new EventSource(sales.eventsUrl())
    source.addEventListener('open', () => (online.value = true))
    source.addEventListener('error', () => {
      online.value = false
      if (source?.readyState === EventSource.CLOSED) waiting = setTimeout(listen, 5000)
    })
    for (const kind of orderEvents) source.addEventListener(kind, () => void askSales())
    source.addEventListener('price.changed', () => void askGoods())
    source.addEventListener('reset', () => void cache.invalidateQueries())
  }

  onScopeDispose(() => {
    clearTimeout(waiting)
    source?.close()
  })
  listen()
  return { online }
})
