import { expect, it } from 'vitest'
import { quickAmounts } from './tender'

it.each([
  [1980, [1980, 2000, 5000, 10_000]],
  [32_480, [32_480, 32_500, 33_000, 34_000, 35_000, 40_000]],
  [500, [500, 1000, 2000, 5000, 10_000]],
])('%i fen', (due, amounts) => expect(quickAmounts(due)).toEqual(amounts))
