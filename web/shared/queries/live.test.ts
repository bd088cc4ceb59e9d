import { VueQueryPlugin } from '@tanstack/vue-query'
import { render, screen, waitFor } from '@testing-library/vue'
import { beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { type Product, catalog } from '../api/catalog'
import type { EventListeners } from '../api/events'
import { inventory } from '../api/inventory'
import { sales } from '../api/sales'
import { useProducts } from './catalog'
import { makeQueryClient } from './client'
import { useStock } from './inventory'
import { useLive } from './live'

let happen: EventListeners['onEvent']

const List = defineComponent(() => {
  useLive()
  const products = useProducts({})
  useStock({})
  return () => h('p', products.data.value?.items.map(({ name, qty_milli }) => `${name} ${qty_milli}`))
})

function left(qty_milli: number) {
  return { items: [{ id: 1, name: 'Cola', qty_milli } as Product], next: null }
}

beforeEach(() => {
  vi.spyOn(sales, 'followEvents').mockImplementation(({ onEvent }) => {
    happen = onEvent
    return () => undefined
  })
})

it.each(['order.paid', 'order.cancelled', 'order.returned', 'price.changed'])('asks for the goods again after %s', async (kind) => {
  const products = vi.spyOn(catalog, 'listProducts').mockResolvedValue(left(5000))
  const stock = vi.spyOn(inventory, 'listStock').mockResolvedValue({ items: [], next: null })
  render(List, { global: { plugins: [[VueQueryPlugin, { queryClient: makeQueryClient() }]] } })
  expect(await screen.findByText('Cola 5000')).toBeVisible()
  products.mockResolvedValue(left(4000))
  happen(kind)
  expect(await screen.findByText('Cola 4000')).toBeVisible()
  if (kind !== 'price.changed') await waitFor(() => expect(stock).toHaveBeenCalledTimes(2))
})

it('asks at most every two seconds, however much is sold', async () => {
  const products = vi.spyOn(catalog, 'listProducts').mockResolvedValue(left(5000))
  vi.spyOn(inventory, 'listStock').mockResolvedValue({ items: [], next: null })
  render(List, { global: { plugins: [[VueQueryPlugin, { queryClient: makeQueryClient() }]] } })
  await screen.findByText('Cola 5000')
  for (let at = 0; at < 50; at += 1) happen('order.paid')
  await waitFor(() => expect(products).toHaveBeenCalledTimes(2))
})
