import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { catalog } from '@/shared/api/catalog'
import type { EventListeners } from '@/shared/api/events'
import { type OrderRow, sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import OrderListPage from './OrderListPage.vue'

const row: OrderRow = {
  id: 'a',
  no: '20261122-01-000001',
  status: 'paid',
  business_day: 20261122,
  terminal_no: 1,
  channel: 'pos',
  cashier: '王芳',
  member: null,
  lines_count: 2,
  total_fen: 1980,
  discount_fen: 0,
  rounding_fen: 0,
  created_at: '2026-11-22T02:00:00Z',
  paid_at: '2026-11-22T02:00:00Z',
}

let happen: EventListeners['onEvent']

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(catalog, 'listProducts').mockResolvedValue({ items: [], next: null })
  vi.spyOn(sales, 'followEvents').mockImplementation(({ onEvent }) => {
    happen = onEvent
    return () => undefined
  })
})

async function openPage(path: string) {
  const list = vi.spyOn(sales, 'listOrders').mockResolvedValue({ items: [row], next: null })
  const page = { template: '<p />' }
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/orders', component: OrderListPage },
      { path: '/orders/:id', component: page },
    ],
  })
  await router.push(path)
  render(OrderListPage, {
    global: { plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  return { list, router, user: userEvent.setup() }
}

it('asks for what the URL says, and says how much of it is behind the button', async () => {
  const path = '/orders?goods=cola&total_min_fen=1000&member_tail=5678'
  const { list } = await openPage(path)
  expect(await screen.findByText('20261122-01-000001')).toBeVisible()
  expect(list.mock.calls[0]?.[0]).toMatchObject({ goods: 'cola', total_min_fen: '1000', member_tail: '5678' })
  expect(screen.getByRole('button', { name: '2 more filters' })).toBeVisible()
})

it('writes an amount and a member into the URL', async () => {
  const { router, user } = await openPage('/orders')
  await user.click(await screen.findByRole('button', { name: 'More filters' }))
  await user.type(await screen.findByRole('textbox', { name: 'Total at least' }), '12.5')
  await waitFor(() => expect(router.currentRoute.value.query.total_min_fen).toBe('1250'))
  const tail = screen.getByRole('textbox', { name: 'Member number ends in' })
  await user.type(tail, '567')
  await user.type(tail, '8')
  await waitFor(() => expect(router.currentRoute.value.query.member_tail).toBe('5678'))
})

it('shows an order that comes in, and one that is returned', async () => {
  const { list } = await openPage('/orders')
  await screen.findByText('20261122-01-000001')
  list.mockResolvedValue({ items: [{ ...row, id: 'b', no: '20261122-01-000002' }, row], next: null })
  happen('order.paid')
  expect(await screen.findByText('20261122-01-000002')).toBeVisible()
  list.mockResolvedValue({ items: [{ ...row, status: 'returned', cashier: '李伟' }], next: null })
  happen('order.returned')
  expect(await screen.findByText('李伟')).toBeVisible()
})
