import { describe, expect, it } from 'vitest'
import {
  amountFen,
  formatFen,
  formatMilli,
  formatRate,
  parseFen,
  parseMilli,
  parseRate,
  roundingFen,
} from './money'

describe('formatting', () => {
  it.each([
    [0, '0.00'],
    [5, '0.05'],
    [-5, '-0.05'],
    [1980, '19.80'],
    [123456789, '1,234,567.89'],
  ])('%i fen is %s', (fen, text) => expect(formatFen(fen)).toBe(text))

  it.each([
    [0, '0'],
    [1000, '1'],
    [755, '0.755'],
    [-1250, '-1.25'],
    [1234500, '1,234.5'],
  ])('%i thousandths are %s', (milli, text) => expect(formatMilli(milli)).toBe(text))

  it.each([
    [1300, '13%'],
    [650, '6.5%'],
    [5, '0.05%'],
  ])('%i basis points are %s', (bp, text) => expect(formatRate(bp)).toBe(text))
})

describe('parsing', () => {
  it.each([
    ['12', 1200],
    ['12.5', 1250],
    ['.5', 50],
    ['１２．５０', 1250],
    ['¥1,200.01', 120001],
    ['-0.1', -10],
    ['-0', 0],
    ['0.29', 29],
    ['12.345', null],
    ['', null],
    ['.', null],
    ['1e3', null],
    ['abc', null],
  ])('%s is %s fen', (text, fen) => expect(parseFen(text)).toBe(fen))

  it('reads quantities and rates', () => {
    expect(parseMilli('0.755')).toBe(755)
    expect(parseMilli('3')).toBe(3000)
    expect(parseRate('13%')).toBe(1300)
  })
})

describe('rules', () => {
  it.each([
    [990, 2000, 1980],
    [1599, 755, 1207],
    [1, 500, 1],
    [-1, 500, -1],
    [99_999_999, 100_000_000, 9_999_999_900_000],
  ])('%i fen × %i thousandths = %i fen', (price, qty, amount) =>
    expect(amountFen(price, qty)).toBe(amount))

  it.each([
    [1289, 'none', 0],
    [1289, 'drop_fen', -9],
    [1289, 'drop_jiao', -89],
    [1284, 'round_jiao', -4],
    [1285, 'round_jiao', 5],
    [1249, 'round_yuan', -49],
    [1250, 'round_yuan', 50],
  ] as const)('%i rounded by %s moves by %i', (fen, rule, by) => expect(roundingFen(fen, rule)).toBe(by))
})
