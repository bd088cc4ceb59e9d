import { expect, it } from 'vitest'
import { allHours, percentOf } from './hours'

it('shows every hour, those without a sale as zero', () => {
  const hours = allHours([{ hour: 9, orders: 2, total_fen: 500 }])
  expect(hours).toHaveLength(24)
  expect(hours[9]).toEqual({ hour: 9, orders: 2, total_fen: 500 })
  expect(hours[10]).toEqual({ hour: 10, orders: 0, total_fen: 0 })
})

it('compares only with a day that had sales', () => {
  expect(percentOf(50, 200)).toBe(25)
  expect(percentOf(50, 0)).toBeNull()
})
