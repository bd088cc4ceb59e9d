import 'fake-indexeddb/auto'
import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor, within } from '@testing-library/vue'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { Suspense, defineComponent, h } from 'vue'
import { ApiError, OfflineError } from '@/shared/api/errors'
import { catalog } from '@/shared/api/catalog'
import { type CurrentSession, identity } from '@/shared/api/identity'
import { payments } from '@/shared/api/payments'
import { type Order, type PlaceOrder, sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import { useSession } from '@/shared/session'
import { aDelta, aProduct } from '../testing'
import TillPage from './TillPage.vue'

const cola = aProduct({ id: 1, name: '可口可乐', mnemonic: 'kkkl', price_fen: 333, barcode: '6901234567892' })
let store = 300

function paid(order: PlaceOrder): Order {
  const due = order.expect_total_fen ?? 0
  const tendered = order.payments?.[0]?.tendered_fen ?? 0
  return { id: order.id, no: '20261122-01-000001', change_fen: tendered - due } as Order
}

beforeEach(async () => {
  sessionStorage.clear()
  await useLanguage('en')
  vi.spyOn(identity, 'currentSession').mockResolvedValue({
    user: { id: 1, username: 'cashier', name: 'Wang', role: 'cashier' },
    permissions: ['order.sell'],
    store: { id: (store += 1), name: 'Main Street', rounding: 'drop_fen', time_zone: 'Asia/Shanghai' },
    terminal: { id: 1, no: 1, name: 'Till 1', kind: 'pos', store_id: store },
  } as unknown as CurrentSession)
  vi.spyOn(catalog, 'getCatalogue').mockResolvedValue(aDelta({ full: true, items: [cola] }))
  vi.spyOn(sales, 'placeOrder').mockImplementation((order) => Promise.resolve(paid(order)))
  vi.spyOn(sales, 'recordTillEvents').mockResolvedValue(undefined)
  vi.spyOn(sales, 'followEvents').mockReturnValue(() => undefined)
  vi.spyOn(sales, 'printReceipt').mockResolvedValue({ prints: 1 })
  vi.spyOn(payments, 'listMethods').mockResolvedValue({ methods: ['cash'] })
})

async function openTill() {
  const pinia = createPinia()
  setActivePinia(pinia)
  await useSession().load()
  const Page = defineComponent(() => () => h('div', [h(Suspense, null, { default: () => h(TillPage) })]))
  render(Page, {
    global: { plugins: [pinia, i18n, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  const input = await screen.findByRole('textbox', { name: 'Scan or type a product' })
  await waitFor(() => expect(screen.queryByText('Loading the catalogue…')).toBeNull())
  return { user: userEvent.setup({ delay: 60 }), input } // slower than a scanner
}

/** A scanner: a burst no person types. */
async function scan(code: string): Promise<void> {
  for (const key of Array.from(code).concat('Enter')) {
    window.dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }))
  }
  await Promise.resolve()
}

const due = () => screen.getByRole('region', { name: 'To pay' }).querySelector('output')

it('takes exact cash with two key presses after the last scan', async () => {
  const { user } = await openTill()
  await scan('6901234567892')
  await scan('6901234567892')
  const basket = within(screen.getByRole('table', { name: 'Basket' }))
  expect(await basket.findByText('6.66')).toBeVisible()
  expect(due()).toHaveTextContent('¥6.60')

  await user.keyboard('{Enter}')
  expect(await screen.findByRole('dialog', { name: 'Cash payment' })).toBeVisible()
  await user.keyboard('{Enter}')
  const done = await screen.findByRole('dialog', { name: 'Paid' })
  expect(within(done).getByText('20261122-01-000001')).toBeVisible()
  expect(vi.mocked(sales.placeOrder).mock.calls[0]?.[0]).toMatchObject({
    channel: 'pos',
    lines: [{ barcode: '6901234567892', qty_milli: 2000 }],
    payments: [{ method: 'cash', tendered_fen: 660 }],
    expect_total_fen: 660,
  })

  await scan('6901234567892')
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'Paid' })).toBeNull())
  expect(due()).toHaveTextContent('¥3.30')
})

it('shows the change for what was handed over', async () => {
  const { user } = await openTill()
  await scan('6901234567892')
  await user.keyboard('{F9}')
  await user.click(await screen.findByRole('button', { name: '10.00' }))
  const done = await screen.findByRole('dialog', { name: 'Paid' })
  expect(within(done).getByText('¥6.70')).toBeVisible()
})

it('writes down a payment that is not finished, a scan nobody knows and who leaves', async () => {
  const { user } = await openTill()
  const unknown = new ApiError({ status: 404, code: 'unknown_barcode', title: '', retryable: false, fields: [] })
  vi.spyOn(catalog, 'scan').mockRejectedValue(unknown)
  vi.spyOn(identity, 'signOut').mockResolvedValue(undefined)
  const told = () => vi.mocked(sales.recordTillEvents).mock.calls.flatMap(([items]) => items.map(({ kind }) => kind))
  await scan('6900000000021')
  await waitFor(() => expect(told()).toEqual(['scan_unknown']))
  await scan('6901234567892')
  await user.keyboard('{F9}')
  await user.click(within(await screen.findByRole('dialog', { name: 'Cash payment' })).getByRole('button', { name: 'Close' }))
  await waitFor(() => expect(told()).toContain('payment_attempt'))
  await user.keyboard('{Delete}')
  await user.click(screen.getByRole('button', { name: 'Sign out' }))
  await waitFor(() => expect(identity.signOut).toHaveBeenCalled())
  expect(told()).toEqual(['scan_unknown', 'payment_attempt', 'void_line', 'sign_out'])
})

it('multiplies, finds by pinyin, edits and deletes the current line', async () => {
  const { user, input } = await openTill()
  await user.type(input, '5*')
  expect(screen.getByText('× 5')).toBeVisible()
  await user.type(input, 'kkkl{Enter}')
  expect(due()).toHaveTextContent('¥16.60')
  await user.type(input, '2*{Enter}')
  expect(due()).toHaveTextContent('¥6.60')
  await user.keyboard('{Delete}')
  expect(screen.getByText('Scan a product')).toBeVisible()
  await waitFor(() =>
    expect(vi.mocked(sales.recordTillEvents).mock.calls[0]?.[0]).toMatchObject([{ kind: 'void_line' }]))
})

it('keeps a sale without a network and says so', async () => {
  const { user } = await openTill()
  vi.mocked(sales.placeOrder).mockRejectedValue(new OfflineError())
  await scan('6901234567892')
  await user.keyboard('{Enter}')
  await screen.findByRole('dialog', { name: 'Cash payment' })
  await user.keyboard('{Enter}')
  expect(await screen.findByText(/kept on this till and is sent by itself later/)).toBeVisible()
  expect(await screen.findByRole('button', { name: '1 unsent' })).toBeVisible()
})

it('puts a refused sale back on the screen', async () => {
  const { user } = await openTill()
  vi.mocked(sales.placeOrder).mockRejectedValue(
    new ApiError({ status: 409, code: 'price_changed', title: '', retryable: false, fields: [] }),
  )
  await scan('6901234567892')
  await user.keyboard('{Enter}')
  await screen.findByRole('dialog', { name: 'Cash payment' })
  await user.keyboard('{Enter}')
  const refused = await screen.findByRole('dialog', { name: 'This sale did not go through' })
  expect(within(refused).getByRole('alert')).toHaveTextContent('A price has changed')
  await user.click(within(refused).getByRole('button', { name: 'Back to the basket' }))
  await waitFor(() => expect(due()).toHaveTextContent('¥3.30'))
})

/** The till, locked by its key, with one cola in the basket. */
async function lockedTill() {
  const till = await openTill()
  await scan('6901234567892')
  await till.user.keyboard('{Control>}l{/Control}')
  const screenOver = await screen.findByRole('dialog', { name: 'The till is locked' })
  const fill = async (name: string, text: string) => {
    const field = within(screenOver).getByLabelText(name, { selector: 'input' })
    await till.user.clear(field)
    await till.user.type(field, text)
  }
  return { ...till, fill, over: within(screenOver) }
}

const told = () =>
  vi.mocked(sales.recordTillEvents).mock.calls.flatMap(([items]) => items.map(({ kind, detail }) => `${kind} ${detail ?? ''}`.trim()))

it('is locked by a key and goes on with the same basket after the PIN', async () => {
  const { user, fill, over } = await lockedTill()
  const signIn = vi.spyOn(identity, 'signInByPin').mockRejectedValueOnce(
    new ApiError({ status: 403, code: 'bad_pin', title: '', retryable: false, fields: [] }),
  )
  await scan('6901234567892')
  await fill('User name', 'cashier')
  await fill('PIN', '9999')
  await user.keyboard('{Enter}')
  expect(await over.findByRole('alert')).toHaveTextContent('PIN')
  signIn.mockResolvedValue(undefined)
  await fill('PIN', '1357')
  await user.keyboard('{Enter}')
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'The till is locked' })).toBeNull())
  expect(signIn).toHaveBeenLastCalledWith('cashier', '1357')
  expect(due()).toHaveTextContent('¥3.30')
  await waitFor(() => expect(told()).toEqual(['lock', 'unlock']))
})

it('lets another cashier, whose badge was scanned, go on with the basket', async () => {
  const { user, fill } = await lockedTill()
  vi.spyOn(identity, 'signInByPin').mockResolvedValue(undefined)
  const before = await identity.currentSession()
  vi.mocked(identity.currentSession).mockResolvedValue({
    ...before,
    user: { id: 2, username: 'zhang.li', name: 'Zhang', role: 'cashier', role_name: null },
  })
  await scan('zhang.li')
  await fill('PIN', '2468')
  await user.keyboard('{Enter}')
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'The till is locked' })).toBeNull())
  expect(identity.signInByPin).toHaveBeenCalledWith('zhang.li', '2468')
  expect(screen.getByText('Cashier Zhang')).toBeVisible()
  expect(due()).toHaveTextContent('¥3.30')
  await waitFor(() => expect(told()).toEqual(['lock', 'switch Wang → Zhang']))
})

it('goes on without a server only by what who is there signed in with', { timeout: 20_000 }, async () => {
  const { user, fill, over } = await lockedTill()
  const signIn = vi.spyOn(identity, 'signInByPin').mockResolvedValueOnce(undefined)
  useSession().actAsTerminal()
  await useSession().signIn({ username: 'cashier', secret: '1357', by: 'pin' })
  signIn.mockRejectedValue(new OfflineError())
  await fill('PIN', '9999')
  await user.keyboard('{Enter}')
  expect(await over.findByRole('alert')).toHaveTextContent('not the PIN or password that Wang signed in with')
  await fill('User name', 'zhang.li')
  await fill('PIN', '1357')
  await user.keyboard('{Enter}')
  await waitFor(() => expect(signIn).toHaveBeenLastCalledWith('zhang.li', '1357'))
  expect(screen.getByRole('dialog', { name: 'The till is locked' })).toBeVisible()
  await fill('User name', 'cashier')
  await fill('PIN', '1357')
  await user.keyboard('{Enter}')
  await waitFor(() => expect(screen.queryByRole('dialog', { name: 'The till is locked' })).toBeNull())
  expect(due()).toHaveTextContent('¥3.30')
  await waitFor(() => expect(told()).toEqual(['lock', 'unlock offline']))
})

it('is locked when nobody touches it', async () => {
  await openTill()
  vi.useFakeTimers()
  try {
    window.dispatchEvent(new Event('mousemove'))
    await vi.advanceTimersByTimeAsync(5 * 60_000 + 1000)
  } finally {
    vi.useRealTimers()
  }
  expect(await screen.findByRole('dialog', { name: 'The till is locked' })).toBeVisible()
  await waitFor(() => expect(told()).toEqual(['lock idle']))
})
