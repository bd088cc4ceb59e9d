import { VueQueryPlugin } from '@tanstack/vue-query'
import { render, screen, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '@/shared/api/errors'
import { type PublicReceipt, receipts } from '@/shared/api/receipts'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import ReceiptPage from './ReceiptPage.vue'

const receipt: PublicReceipt = {
  store: { name: 'Corner Shop', phone: '0571-1', address: '1 High Street' },
  no: '20261122-01-000001',
  status: 'partly_returned',
  sold_at: '2026-11-22T02:00:00Z',
  time_zone: 'Asia/Shanghai',
  lines: [
    {
      line_no: 1,
      name: 'Cola',
      spec: '330 ml',
      unit: 'can',
      qty_milli: 3000,
      unit_price_fen: 300,
      discount_fen: 100,
      amount_fen: 800,
      returned_milli: 1000,
    },
  ],
  total_fen: 800,
  discount_fen: 100,
  rounding_fen: 0,
  payments: [{ method: 'cash', status: 'succeeded', amount_fen: 800, tendered_fen: 1000 }],
  change_fen: 200,
  refunded_fen: 266,
  returns: [{ no: '20261122-01-R00001', refund_fen: 266, created_at: '2026-11-22T03:00:00Z' }],
}

beforeEach(() => useLanguage('en'))

function open() {
  render(ReceiptPage, {
    props: { token: 'abc' },
    global: { plugins: [createPinia(), i18n, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
}

it('shows what was bought, paid and brought back, by the link alone', async () => {
  const get = vi.spyOn(receipts, 'getPublic').mockResolvedValue(receipt)
  open()
  expect(await screen.findByRole('heading', { name: 'Corner Shop' })).toBeVisible()
  expect(get.mock.calls[0]?.[0]).toBe('abc')
  expect(screen.getByText('2026-11-22 10:00:00')).toBeVisible()
  const line = within(screen.getByRole('list', { name: 'Goods' }))
  expect(line.getByText('8.00')).toBeVisible()
  expect(line.getByText(/Returned/)).toBeVisible()
  expect(screen.getByText('10.00')).toBeVisible()
  expect(within(screen.getByRole('region', { name: 'Returns' })).getByText('-2.66')).toBeVisible()
  expect(document.title).toBe('Corner Shop')
})

it('says kindly that a link leads nowhere', async () => {
  const refusal = new ApiError({ status: 404, code: 'not_found', title: '', retryable: false, fields: [] })
  vi.spyOn(receipts, 'getPublic').mockRejectedValue(refusal)
  open()
  expect(await screen.findByText('There is no such receipt')).toBeVisible()
})
