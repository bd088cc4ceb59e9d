/** What happens in the store, as it happens: one stream for the page, and the lists it concerns asked anew. */
import { useQueryClient } from '@tanstack/vue-query'
import { createSharedComposable, useThrottleFn } from '@vueuse/core'
import { onScopeDispose, ref } from 'vue'
import { sales } from '../api/sales'
import { catalogKeys } from './catalog'
import { identityKeys } from './identity'
import { inventoryKeys } from './inventory'
import { paymentKeys } from './payments'
import { salesKeys } from './sales'

/** Whatever happens to an order moves its goods or its money. */
const movesStock = (kind: string) => kind.startsWith('order.') || kind === 'stock.adjusted'

export const useLive = createSharedComposable(() => {
  const cache = useQueryClient()
  const online = ref(false)

  const askSales = useThrottleFn(
    () => {
      void cache.invalidateQueries({ queryKey: salesKeys.orders })
      void cache.invalidateQueries({ queryKey: salesKeys.today })
      void cache.invalidateQueries({ queryKey: inventoryKeys.all })
      // Goods are shown with what is left of them.
      void cache.invalidateQueries({ queryKey: catalogKeys.products })
    },
    2000,
    true,
  )
  const askGoods = useThrottleFn(() => void cache.invalidateQueries({ queryKey: catalogKeys.products }), 2000, true)
  const askTerminals = useThrottleFn(() => void cache.invalidateQueries({ queryKey: identityKeys.terminals }), 1000, true)

  const askMoney = useThrottleFn(
    () => {
      void cache.invalidateQueries({ queryKey: paymentKeys.money })
      void cache.invalidateQueries({ queryKey: salesKeys.orders })
    },
    1000,
    true,
  )

  function hear(kind: string): void {
    if (movesStock(kind)) void askSales()
    else if (kind.startsWith('payment.')) void askMoney()
    else if (kind === 'price.changed') void askGoods()
    else if (kind === 'terminal.changed') void askTerminals()
    else if (kind === 'reset') void cache.invalidateQueries()
  }

  const stop = sales.followEvents({
    onOpen: () => (online.value = true),
    onCut: () => (online.value = false),
    onEvent: hear,
  })
  onScopeDispose(stop)
  return { online }
})
