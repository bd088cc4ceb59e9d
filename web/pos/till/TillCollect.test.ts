import 'fake-indexeddb/auto'
import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { cleanup, render, screen, waitFor, within } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { Suspense, defineComponent, h } from 'vue'
import { ApiError, OfflineError } from '@/shared/api/errors'
import { catalog } from '@/shared/api/catalog'
import { type CurrentSession, identity } from '@/shared/api/identity'
import { type PayOrder, type Payment, payments } from '@/shared/api/payments'
import { type Order, sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import { useSession } from '@/shared/session'
import { aDelta, aProduct } from '../testing'
import TillPage from './TillPage.vue'

const cola = aProduct({ id: 1, name: '可口可乐', mnemonic: 'kkkl', price_fen: 333, barcode: '6901234567892' })
const wechatCode = '101234567890123456'
let store = 900

/** A server with one order, whose payments become what a test says. */
const server = {
  order: null as Order | null,
  /** The status a payment through a gateway gets first. */
  answer: { status: 'succeeded', state: 'succeeded', qr: null as string | null, error_text: '' },
  asked: [] as PayOrder[],
  add(body: PayOrder): void {
    if (!this.order || this.order.payments.some(({ id }) => id === body.id)) return
    const cash = body.method === 'cash'
    const due = this.order.total_fen - this.order.paid_fen
    const payment = {
      id: body.id,
      method: body.method === 'code' ? 'wechat' : body.method,
      status: cash ? 'succeeded' : this.answer.status,
      amount_fen: body.amount_fen ?? due,
      tendered_fen: body.tendered_fen ?? 0,
      change_fen: 0,
      created_at: '',
      attempt: cash ? null : { ...this.answer, error_code: '' },
    } as Payment
    this.order = { ...this.order, payments: [...this.order.payments, payment as Order['payments'][number]] }
    this.count()
  },
  become(status: string, state = status): void {
    if (!this.order) return
    const last = this.order.payments.at(-1)
    if (last) Object.assign(last, { status, attempt: { ...last.attempt, state, qr: null } })
    this.order = { ...this.order, payments: [...this.order.payments] }
    this.count()
  },
  count(): void {
    if (!this.order) return
    const paid_fen = this.order.payments.filter(({ status }) => status === 'succeeded').reduce((sum, each) => sum + each.amount_fen, 0)
    this.order = { ...this.order, paid_fen, status: paid_fen >= this.order.total_fen ? 'paid' : this.order.status }
  },
}

const refusal = (code: string, status = 409) => new ApiError({ status, code, title: '', retryable: false, fields: [] })

beforeEach(async () => {
  sessionStorage.clear()
  Object.assign(server, { order: null, asked: [], answer: { status: 'succeeded', state: 'succeeded', qr: null, error_text: '' } })
  await useLanguage('en')
  store += 1
  vi.spyOn(identity, 'currentSession').mockResolvedValue({
    user: { id: 1, username: 'cashier', name: 'Wang', role: 'cashier' },
    permissions: ['order.sell'],
    store: { id: store, name: 'Main Street', rounding: 'drop_fen', time_zone: 'Asia/Shanghai' },
    terminal: { id: 1, no: 1, name: 'Till 1', kind: 'pos', store_id: store },
  } as unknown as CurrentSession)
  vi.spyOn(catalog, 'getCatalogue').mockResolvedValue(aDelta({ full: true, items: [cola] }))
  vi.spyOn(sales, 'placeOrder').mockImplementation((order) => {
    const { id, expect_total_fen: total_fen } = order
    server.order ??= { id, no: '20261122-01-000001', status: 'received', total_fen, paid_fen: 0, change_fen: 0, payments: [] } as unknown as Order
    return Promise.resolve(server.order)
  })
  vi.spyOn(sales, 'getOrder').mockImplementation(() =>
    server.order ? Promise.resolve(server.order) : Promise.reject(refusal('not_found', 404)))
  vi.spyOn(sales, 'recordTillEvents').mockResolvedValue(undefined)
  vi.spyOn(sales, 'followEvents').mockReturnValue(() => undefined)
  vi.spyOn(sales, 'printReceipt').mockResolvedValue({ prints: 1 })
  vi.spyOn(payments, 'listMethods').mockResolvedValue({ methods: ['cash', 'card', 'wechat', 'alipay'] })
  vi.spyOn(payments, 'pay').mockImplementation((_, body) => {
    server.asked.push(body)
    server.add(body)
    return server.order ? Promise.resolve({ order: server.order }) : Promise.reject(refusal('not_found', 404))
  })
})

async function openTill() {
  const pinia = createPinia()
  setActivePinia(pinia)
  await useSession().load()
  const Page = defineComponent(() => () => h('div', [h(Suspense, null, { default: () => h(TillPage) })]))
  render(Page, { global: { plugins: [pinia, i18n, [VueQueryPlugin, { queryClient: makeQueryClient() }]] } })
  await screen.findByRole('textbox', { name: 'Scan or type a product', hidden: true })
  await waitFor(() => expect(screen.queryByText('Loading the catalogue…')).toBeNull())
  return userEvent.setup({ delay: 60 })
}

async function scan(code: string): Promise<void> {
  for (const key of Array.from(code).concat('Enter')) {
    window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }))
  }
  await Promise.resolve()
}

/** The pay dialog, with a cola of 3.33 in the basket. */
async function askForMoney() {
  const user = await openTill()
  await scan('6901234567892')
  await user.keyboard('{Enter}')
  await screen.findByRole('button', { name: /WeChat QR/ })
  return user
}

it('takes a customer’s code with one scan and shows who is waited for', async () => {
  server.answer = { status: 'pending', state: 'user_paying', qr: null, error_text: '' }
  await askForMoney()
  await scan(wechatCode)
  expect(await screen.findByText('Waiting for the customer’s password…')).toBeVisible()
  expect(vi.mocked(sales.placeOrder).mock.calls[0]?.[0]).toMatchObject({ expect_total_fen: 333 })
  expect(vi.mocked(sales.placeOrder).mock.calls[0]?.[0].payments).toBeUndefined()
  expect(server.asked).toMatchObject([{ method: 'code', auth_code: wechatCode }])
  server.become('succeeded')
  const done = await screen.findByRole('dialog', { name: 'Paid' })
  expect(within(done).getByText('¥3.33')).toBeVisible()
  expect(vi.mocked(sales.printReceipt).mock.calls[0]?.[1]).toMatchObject({ open_drawer: false })
  expect(localStorage.getItem(`aisle.collecting.${store}`)).toBeNull()
})

it('goes on with another way when the customer’s bank says no', async () => {
  server.answer = { status: 'declined', state: 'failed', qr: null, error_text: '余额不足' }
  const user = await askForMoney()
  await scan(wechatCode)
  expect(await screen.findByText('Not paid')).toBeVisible()
  expect(screen.getByText('余额不足')).toBeVisible()
  await user.keyboard('{F4}')
  await screen.findByRole('dialog', { name: 'Paid' })
  expect(server.asked.at(-1)).toMatchObject({ method: 'cash', tendered_fen: 330 })
})

it('takes a part in cash and the rest with a code the customer scans', async () => {
  const user = await askForMoney()
  await user.keyboard('2{F4}')
  expect(await screen.findByText('Cash: ¥2.00 received')).toBeVisible()
  expect(server.asked[0]).toMatchObject({ method: 'cash', amount_fen: 200, tendered_fen: 200 })
  server.answer = { status: 'pending', state: 'user_paying', qr: 'https://qr.alipay.com/x', error_text: '' }
  await user.keyboard('{F7}')
  expect(await screen.findByRole('img', { name: 'QR code to pay' })).toBeVisible()
  expect(server.asked[1]).toMatchObject({ method: 'alipay' })
  expect(server.asked[1]?.amount_fen).toBeUndefined()
  server.become('succeeded')
  expect(await screen.findByRole('dialog', { name: 'Paid' })).toBeVisible()
})

it('never asks twice: what may have been sent is sent again under its own id, and a reload finds it', async () => {
  server.answer = { status: 'unknown', state: 'unknown', qr: null, error_text: '' }
  await askForMoney()
  vi.mocked(payments.pay).mockImplementationOnce((_, body) => {
    server.asked.push(body)
    return Promise.reject(new OfflineError())
  })
  await scan(wechatCode)
  expect(await screen.findByText('Unknown: do not take the money twice')).toBeVisible()
  expect(new Set(server.asked.map(({ id }) => id)).size).toBe(1)
  expect(screen.queryByRole('button', { name: /Cash/ })).toBeNull()

  cleanup()
  await openTill()
  expect(await screen.findByText('Unknown: do not take the money twice')).toBeVisible()
  const giveUp = vi.spyOn(payments, 'giveUp').mockImplementation(() => {
    server.become('reversed')
    return Promise.resolve()
  })
  await userEvent.click(screen.getByRole('button', { name: 'Give this payment up' }))
  expect(await screen.findByText('Reversed: no money was taken')).toBeVisible()
  expect(giveUp).toHaveBeenCalledWith(server.asked[0]?.id)
})

it('gives the order up, waits until that is certain and puts the goods back', async () => {
  const user = await askForMoney()
  await user.keyboard('2{F4}')
  await screen.findByText('Cash: ¥2.00 received')
  vi.spyOn(sales, 'cancelOrder').mockRejectedValue(refusal('payment_pending'))
  await user.click(screen.getByRole('button', { name: 'Give up the order' }))
  await user.keyboard('{Enter}')
  expect(await screen.findByText('Giving the order up…')).toBeVisible()
  if (server.order) server.order = { ...server.order, status: 'cancelled' }
  expect(await screen.findByText(/Give ¥2.00 in cash back/)).toBeVisible()
  expect(screen.getByRole('table', { name: 'Basket' })).toHaveTextContent('可口可乐')
})

it('records a card’s slip, and says which part of it is wrong', async () => {
  vi.mocked(payments.pay).mockRejectedValueOnce(
    new ApiError({ status: 422, code: 'invalid_request', title: '', retryable: false, fields: [{ name: 'card.rrn', code: 'invalid' }] }),
  )
  const user = await askForMoney()
  await user.keyboard('{F8}')
  const slip = within(await screen.findByRole('form', { name: 'Card slip' }))
  const values = { 'Terminal no.': '12345678', 'Batch no.': '000001', 'Trace no.': '000002', 'Reference no.': '123456789012', Authorisation: 'A1B2C3', 'Last four digits': '1234' }
  for (const [name, value] of Object.entries(values)) {
    await user.click(slip.getByLabelText(name))
    await user.paste(value)
  }
  await user.keyboard('{Enter}')
  expect(await slip.findByRole('alert')).toBeVisible()
  await user.keyboard('{Enter}')
  await screen.findByRole('dialog', { name: 'Paid' })
  expect(server.asked[0]).toMatchObject({ method: 'card', card: { rrn: '123456789012', last4: '1234' } })
})

it('is set aside while the server is away, and another order can be begun', async () => {
  const user = await askForMoney()
  vi.mocked(payments.pay).mockRejectedValue(new OfflineError())
  await scan(wechatCode)
  await user.click(await screen.findByRole('button', { name: 'Set it aside' }))
  expect(await screen.findByText(/Order 20261122-01-000001 is set aside/)).toBeVisible()
  expect(screen.queryByRole('dialog')).toBeNull()
  expect(localStorage.getItem(`aisle.collecting.${store}`)).toBeNull()
})

it('takes only cash without a network', async () => {
  await askForMoney()
  window.dispatchEvent(new Event('offline'))
  expect(await screen.findByText('No network: only cash, all at once.')).toBeVisible()
  expect(screen.getByRole('button', { name: /WeChat QR/ })).toBeDisabled()
  await scan(wechatCode)
  expect(sales.placeOrder).not.toHaveBeenCalled()
})
