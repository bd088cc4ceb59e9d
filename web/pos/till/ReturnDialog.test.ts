import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { type BlindReturn, type Order, type OrderRow, sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import ReturnDialog from './ReturnDialog.vue'

const line = { line_no: 1, name: 'Cola', unit: 'can', unit_price_fen: 300, qty_milli: 2000, returned_milli: 0 }
const order = {
  id: 'o',
  no: '20261122-01-000001',
  status: 'paid',
  total_fen: 600,
  created_at: '2026-11-22T02:00:00Z',
  lines: [line],
  returns: [],
}
const goods = [{ barcode: '6907992500010', qty_milli: 1000 }]

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(sales, 'listOrders').mockResolvedValue({ items: [order as unknown as OrderRow], next: null })
  vi.spyOn(sales, 'getOrder').mockResolvedValue(order as unknown as Order)
  vi.spyOn(sales, 'quoteReturn').mockResolvedValue({
    goods_fen: 300,
    rounding_fen: 0,
    refund_fen: 300,
    lines: [],
    refunds: [],
    is_late: false,
  })
  for (const print of ['printReturn', 'printReceipt', 'printBlindReturn'] as const) {
    vi.spyOn(sales, print).mockResolvedValue({ prints: 1 })
  }
})

function open(inBasket: typeof goods) {
  const dialog = render(ReturnDialog, {
    props: { scannedNo: null, goods: inBasket },
    global: { plugins: [createPinia(), i18n, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  return { dialog, user: userEvent.setup() }
}

it('takes the basket back without a receipt, spoilt goods written off', async () => {
  const worth = { line_no: 1, product_id: 7, name: 'Milk', unit: 'box', qty_milli: 1000, unit_price_fen: 500, amount_fen: 500 }
  vi.spyOn(sales, 'quoteBlindReturn').mockResolvedValue({ goods_fen: 500, rounding_fen: 0, refund_fen: 500, lines: [worth] })
  const returned = { id: 'b', no: '20261122-01-B00001', refund_fen: 500 } as BlindReturn
  const give = vi.spyOn(sales, 'returnBlind').mockResolvedValue(returned)
  const { dialog, user } = open(goods)
  await user.click(await screen.findByRole('button', { name: 'Return without a receipt' }))
  const table = await screen.findByRole('table', { name: 'What comes back' })
  await user.click(within(table).getByRole('radio', { name: 'Loss' }))
  const pay = screen.getByRole('button', { name: 'Refund' })
  expect(pay).toBeDisabled()
  await user.click(screen.getByRole('button', { name: 'Quality' }))
  await user.click(pay)
  expect(await screen.findByText(/20261122-01-B00001/)).toBeVisible()
  expect(give.mock.calls[0]?.[1]).toEqual({
    reason: 'Quality',
    lines: [{ barcode: '6907992500010', product_id: undefined, qty_milli: 1000, goods_to: 'loss' }],
    expect_refund_fen: 500,
  })
  expect(dialog.emitted('settled')).toHaveLength(1)
})

it('offers nothing without a receipt while the basket is empty', async () => {
  open([])
  expect(await screen.findByText('20261122-01-000001')).toBeVisible()
  expect(screen.queryByRole('button', { name: 'Return without a receipt' })).toBeNull()
})

it('exchanges for what lies in the basket and takes the difference only', async () => {
  vi.spyOn(sales, 'quoteExchange').mockResolvedValue({
    refund_fen: 300,
    total_fen: 500,
    credit_fen: 300,
    to_pay_fen: 200,
    to_refund_fen: 0,
    is_late: true,
  })
  const taken = { no: '20261122-01-000002', change_fen: 300 } as Order
  const swap = vi.spyOn(sales, 'exchangeGoods').mockResolvedValue({ returned: order as unknown as Order, taken })
  const { dialog, user } = open(goods)
  await user.click(await screen.findByText('20261122-01-000001'))
  await user.type(await screen.findByRole('textbox', { name: /Cola/ }), '1')
  await user.click(screen.getByRole('button', { name: 'Quality' }))
  const swapButton = screen.getByRole('button', { name: 'Exchange for the 1 lines in the list' })
  await waitFor(() => expect(swapButton).toBeEnabled())
  await user.click(swapButton)
  const given = await screen.findByRole('textbox', { name: 'Received' })
  expect(given).toHaveValue('2.00')
  expect(screen.getByText(/a colleague has to agree/)).toBeVisible()
  await user.clear(given)
  await user.type(given, '5')
  await user.click(screen.getByRole('button', { name: 'Exchange' }))
  expect(await screen.findByText(/20261122-01-000002/)).toBeVisible()
  expect(swap.mock.calls[0]?.[1]).toMatchObject({
    reason: 'Quality',
    lines: [{ line_no: 1, qty_milli: 1000, goods_to: 'shelf' }],
    goods,
    tendered_fen: 500,
    expect_difference_fen: 200,
  })
  expect(dialog.emitted('settled')).toHaveLength(1)
})
