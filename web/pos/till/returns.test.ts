import { expect, it } from 'vitest'
import type { Order } from '@/shared/api/sales'
import { choicesOf, isOrderNo, returnLines } from './returns'

const order = {
  lines: [
    { line_no: 1, name: '可乐', unit: '瓶', unit_price_fen: 300, qty_milli: 3000, returned_milli: 1000 },
    { line_no: 2, name: '苹果', unit: 'kg', unit_price_fen: 1299, qty_milli: 526, returned_milli: 526 },
  ],
} as Order

it('offers what is left of each line and asks for what was chosen', () => {
  const choices = choicesOf(order)
  expect(choices.map(({ line_no, left_milli }) => [line_no, left_milli])).toEqual([[1, 2000]])
  expect(returnLines(choices)).toEqual([])
  const chosen = choices.map((choice) => ({ ...choice, qty_milli: 1000, goods_to: 'loss' as const }))
  expect(returnLines(chosen)).toEqual([{ line_no: 1, qty_milli: 1000, goods_to: 'loss' }])
})

it('knows the number of a receipt from the barcode of goods', () => {
  expect(isOrderNo('20261122-01-000123')).toBe(true)
  expect(isOrderNo('6901234567892')).toBe(false)
  expect(isOrderNo('20261122-01-R00001')).toBe(false)
})
