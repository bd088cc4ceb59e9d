import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor, within } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { EventListeners } from '@/shared/api/events'
import { type CurrentSession, identity } from '@/shared/api/identity'
import { type DoubtRow, type Refund, payments } from '@/shared/api/payments'
import { sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import { useSession } from '@/shared/session'
import DoubtPage from './DoubtPage.vue'

const waiting: DoubtRow = {
  id: 'p1',
  order_id: 'o1',
  order_no: '20261122-01-000007',
  order_status: 'received',
  method: 'wechat',
  product: 'wechat_code',
  state: 'unknown',
  status: 'unknown',
  amount_fen: 1250,
  captured_fen: null,
  gateway_no: null,
  trade_no: 'abc1',
  payer: '',
  actor: 'Wang',
  created_at: '2026-11-22T02:00:00Z',
  age_s: 185,
  next_step: 'query',
  check_at: '2026-11-22T02:05:00Z',
  checks: 3,
  error_code: 'timeout',
  error_text: '',
}
const differs: DoubtRow = { ...waiting, id: 'p2', order_no: '20261122-01-000008', state: 'differs', captured_fen: 1200, next_step: null, check_at: null }
const abnormal: Refund = {
  id: 'r1',
  order_id: 'o1',
  payment_id: 'p1',
  return_id: null,
  kind: 'late',
  method: 'alipay',
  amount_fen: 900,
  state: 'abnormal',
  refund_no: 'ref1',
  gateway_no: null,
  reason: '',
  actor: 'system',
  created_at: '2026-11-22T02:00:00Z',
  check_at: null,
  finished_at: null,
  error_code: 'ACCOUNT_CLOSED',
  error_text: '',
}

let happen: EventListeners['onEvent']

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(sales, 'followEvents').mockImplementation(({ onEvent }) => {
    happen = onEvent
    return () => undefined
  })
})

async function openPage(rows: DoubtRow[], refunds: Refund[], permissions = ['payment.read', 'payment.settle', 'order.sell']) {
  vi.spyOn(identity, 'currentSession').mockResolvedValue({
    user: { id: 1, username: 'manager', name: 'Li', role: 'manager' },
    permissions,
    store: { id: 1, name: 'Main Street', rounding: 'none', time_zone: 'Asia/Shanghai', day_cutoff_hour: 0 },
  } as unknown as CurrentSession)
  const list = vi.spyOn(payments, 'list').mockResolvedValue({ items: rows, next: null })
  vi.spyOn(payments, 'listRefunds').mockResolvedValue({ items: refunds, next: null })
  const routes = ['/money-in-doubt', '/orders/:id'].map((path) => ({ path, component: DoubtPage }))
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push('/money-in-doubt')
  const pinia = createPinia()
  setActivePinia(pinia)
  await useSession().load()
  render(DoubtPage, { global: { plugins: [pinia, i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] } })
  return { list, user: userEvent.setup() }
}

it('says that all money is certain', async () => {
  const { list } = await openPage([], [])
  expect(await screen.findByText('All money is certain')).toBeVisible()
  expect(list.mock.calls[0]?.[0]).toMatchObject({ doubtful: true })
})

it('shows what waits, for how long and what happens next, and asks when told to', async () => {
  const { user } = await openPage([waiting, differs], [])
  const row = within(await screen.findByRole('row', { name: /000007/ }))
  expect(row.getByText(/Asked at 10:05/)).toBeVisible()
  expect(row.getByText('Age 3 min')).toBeVisible()
  expect(row.getByText('(timeout)')).toBeVisible()
  expect(row.queryByRole('button', { name: 'Pay back' })).toBeNull()
  const check = vi.spyOn(payments, 'check').mockResolvedValue(undefined)
  await user.click(row.getByRole('button', { name: 'Ask now' }))
  await waitFor(() => expect(check).toHaveBeenCalledWith('p1'))
})

it('pays back what was paid when the amount differs', async () => {
  const { user } = await openPage([differs], [])
  const row = within(await screen.findByRole('row', { name: /000008/ }))
  expect(row.getByText('A person has to act')).toBeVisible()
  const refund = vi.spyOn(payments, 'refund').mockResolvedValue(abnormal)
  await user.click(row.getByRole('button', { name: 'Pay back' }))
  const asked = within(await screen.findByRole('dialog'))
  expect(asked.getByText(/¥12.00/)).toBeVisible()
  await user.click(asked.getByRole('button', { name: 'Pay back' }))
  await waitFor(() => expect(refund).toHaveBeenCalledWith('p2'))
})

it('lets who may settle say how the customer got the money', async () => {
  const { user } = await openPage([], [abnormal])
  const settle = vi.spyOn(payments, 'settleRefund').mockResolvedValue({ ...abnormal, state: 'settled' })
  await user.click(await screen.findByRole('button', { name: 'Settle by hand' }))
  const dialog = within(await screen.findByRole('dialog'))
  await user.type(dialog.getByLabelText('Reason'), 'cash at the desk')
  await user.click(dialog.getByRole('button', { name: 'Settle by hand' }))
  await waitFor(() => expect(settle).toHaveBeenCalledWith('r1', 'cash at the desk'))
})

it('offers no deed to who may only look, and asks anew when something happened', async () => {
  const { list } = await openPage([waiting], [abnormal], ['payment.read'])
  await screen.findByRole('row', { name: /000007/ })
  expect(screen.queryByRole('button', { name: 'Ask now' })).toBeNull()
  expect(screen.queryByRole('button', { name: 'Send again' })).toBeNull()
  list.mockResolvedValue({ items: [], next: null })
  happen('payment.succeeded')
  await waitFor(() => expect(screen.queryByRole('row', { name: /000007/ })).toBeNull())
})

it('finds a payment by amount and last digits', async () => {
  const { list, user } = await openPage([], [])
  const finder = within(await screen.findByRole('region', { name: /already paid/ }))
  const search = finder.getByRole('button', { name: 'Find' })
  await user.type(finder.getByLabelText('Last digits'), '123')
  expect(search).toBeDisabled()
  await user.type(finder.getByLabelText('Last digits'), '4')
  await user.type(finder.getByLabelText('Amount'), '12.50')
  await user.click(search)
  expect(await screen.findByText('No such payment')).toBeVisible()
  expect(list.mock.calls.at(-1)?.[0]).toMatchObject({ amount_fen: 1250, tail: '1234' })
})
