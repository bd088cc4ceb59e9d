import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { fireEvent, render, screen, waitFor, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { catalog } from '@/shared/api/catalog'
import { ApiError } from '@/shared/api/errors'
import { type Operation, ops } from '@/shared/api/ops'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import OperationListPage from './OperationListPage.vue'

const entry: Operation = {
  id: 7,
  at: '2026-11-22T02:00:00Z',
  store_id: 1,
  actor: 'manager',
  approver: 'boss',
  terminal_id: null,
  terminal: null,
  action: 'product.change',
  target: 'product 12',
  detail: { name: '可口可乐', changes: { price_fen: [300, 350] } },
  prev_hash: '2:aaa',
  hash: '2:bbb',
}

const kept = { operations_days: 1096, till_events_days: 366, guesses_days: 90, operations_cut: '2023-11-22' }

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(ops, 'getRetention').mockResolvedValue(kept)
  vi.spyOn(catalog, 'listStores').mockResolvedValue({ items: [], next: null })
})

async function openPage(path: string) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/operations', component: OperationListPage }],
  })
  await router.push(path)
  render(OperationListPage, {
    global: { plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  return { router, user: userEvent.setup() }
}

it('asks for what the URL says and shows who changed what', async () => {
  const list = vi.spyOn(ops, 'listOperations').mockResolvedValue({ items: [entry], next: null })
  const { router, user } = await openPage('/operations?action=product.&q=cola')
  expect(await screen.findByText('Product 12')).toBeVisible()
  expect(screen.getByText('可口可乐 · Price 3.00 → 3.50')).toBeVisible()
  expect(list.mock.calls[0]?.[0]).toMatchObject({ action: 'product.', q: 'cola', limit: 50 })
  await user.type(screen.getByRole('textbox', { name: 'Person' }), 'manager')
  await waitFor(() => expect(router.currentRoute.value.query.actor).toBe('manager'))
})

it('shows before and after, who allowed it and the chain in a drawer', async () => {
  vi.spyOn(ops, 'listOperations').mockResolvedValue({ items: [entry], next: null })
  const { router, user } = await openPage('/operations')
  // A pointer over a cell measures its text, which jsdom cannot.
  await fireEvent.click(await screen.findByRole('button', { name: 'Product changed' }))
  const drawer = await screen.findByRole('dialog', { name: 'Product changed' })
  const changes = within(drawer).getByRole('region', { name: 'Changes' })
  expect(await within(changes).findByText('3.00')).toBeVisible()
  expect(within(changes).getByText('3.50')).toBeVisible()
  expect(within(drawer).getByText('boss')).toBeVisible()
  expect(within(drawer).getByText('2:bbb')).toBeVisible()
  await user.click(within(drawer).getByRole('button', { name: 'Everything about this' }))
  await waitFor(() => expect(router.currentRoute.value.query.target).toBe('product 12'))
})

it('shows names without words as they are', async () => {
  const odd = { ...entry, action: 'moon.land', target: 'moon 1', detail: { changes: { crater: [null, true] } } }
  vi.spyOn(ops, 'listOperations').mockResolvedValue({ items: [odd], next: null })
  await openPage('/operations')
  expect(await screen.findByRole('button', { name: 'moon.land' })).toBeVisible()
  expect(screen.getByText('crater yes')).toBeVisible()
})

it('says how long entries are kept, and what was left out for want of a permission', async () => {
  const masked = { ...entry, prev_hash: null, hash: null, detail: { name: 'Cola', changes: {}, hidden: ['cost_fen'] } }
  vi.spyOn(ops, 'listOperations').mockResolvedValue({ items: [masked], next: null })
  await openPage('/operations')
  expect(await screen.findByText('Cola · Not shown to you Cost')).toBeVisible()
  expect(await screen.findByText(/Kept for 3 years. Entries up to 2023-11-22 have been removed/)).toBeVisible()
  await fireEvent.click(screen.getByRole('button', { name: 'Product changed' }))
  await screen.findByRole('dialog', { name: 'Product changed' })
  expect(screen.queryByRole('region', { name: 'Chain' })).toBeNull()
})

it('says that older entries were not looked at yet', async () => {
  vi.spyOn(ops, 'listOperations').mockResolvedValue({ items: [], next: 'abc' })
  await openPage('/operations?q=cola')
  expect(await screen.findByText('Press Next to go on.')).toBeVisible()
})

it('says what happened when the list cannot be read', async () => {
  const refusal = new ApiError({ status: 403, code: 'denied', title: '', retryable: false, fields: [] })
  vi.spyOn(ops, 'listOperations').mockRejectedValue(refusal)
  await openPage('/operations')
  expect(await screen.findByRole('alert')).toHaveTextContent('You do not have permission')
})
