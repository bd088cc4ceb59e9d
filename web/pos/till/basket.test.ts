import { describe, expect, it } from 'vitest'
import { aProduct, aScan } from '../testing'
import {
  type Line,
  add,
  give,
  isPriceFree,
  isQuantity,
  lineFen,
  lineOf,
  lineOfScan,
  orderLines,
  qtyMilli,
  remove,
  reprice,
  setTimes,
  totalsOf,
} from './basket'

const cola = aProduct({ id: 1, name: '可乐', price_fen: 330, barcode: '6901234567892' })
const unit = { barcode: '6901234567892', qty_milli: 1000, price_fen: null }
const carton = { barcode: '16901234567899', qty_milli: 24_000, price_fen: 7200 }
const label = aScan({ id: 2, price_fen: 1599, weighed: true }, { barcode: '2100021012079', kind: 'priced', qty_milli: 755, amount_fen: 1207 })

function basketOf(...news: Parameters<typeof add>[1][]): Line[] {
  return news.reduce<Line[]>((lines, line) => add(lines, line).lines, [])
}

describe('a given price', () => {
  const given = { id: '01936d0e-7b1a-7c3e-9b57-0a4b6f7f1c11', price_fen: 250 }
  const lines = give(basketOf(lineOf(cola, unit, 2000)), 1, given)

  it('counts for its line, goes with the order by name and takes no more of the same goods in', () => {
    expect(lines.map(lineFen)).toEqual([500])
    expect(orderLines(lines)).toEqual([{ barcode: unit.barcode, qty_milli: 2000, price_override: given.id }])
    expect(add(lines, lineOf(cola, unit, 1000)).lines.map(lineFen)).toEqual([500, 330])
  })

  it('makes nothing dearer when the goods became cheaper meanwhile', () => {
    const { lines: cheaper } = reprice(lines, [{ ...cola, price_fen: 200 }])
    expect(cheaper.map(lineFen)).toEqual([400])
  })

  it('is for goods whose price is not a pack’s or a label’s own', () => {
    expect(lines.every(isPriceFree)).toBe(true)
    expect(isPriceFree(lineOf(cola, carton, 1000))).toBe(false)
    expect(isPriceFree(lineOfScan(label, 1000))).toBe(false)
  })
})

describe('lines', () => {
  it('merges the same product and touches the merged line', () => {
    const first = basketOf(lineOf(cola, unit, 1000), lineOf(aProduct({ id: 9 }), null, 1000))
    const { lines, key } = add(first, lineOf(cola, unit, 3000))
    expect(lines.map((line) => line.times_milli)).toEqual([4000, 1000])
    expect(key).toBe(first[0]?.key)
  })

  it('keeps every scale label and every pack apart', () => {
    const lines = basketOf(lineOfScan(label, 1000), lineOfScan(label, 1000), lineOf(cola, unit, 1000), lineOf(cola, carton, 1000))
    expect(lines).toHaveLength(4)
  })

  it('charges packs by their own price and labels by what is printed', () => {
    expect(lineFen(lineOf(cola, carton, 2000))).toBe(14_400)
    expect(qtyMilli(lineOf(cola, carton, 2000))).toBe(48_000)
    expect(lineFen(lineOf(cola, { ...carton, price_fen: null }, 1000))).toBe(7920)
    expect(lineFen(lineOfScan(label, 5000))).toBe(1207)
  })

  it('does not change the quantity of a label, removes any line', () => {
    const lines = basketOf(lineOfScan(label, 1000), lineOf(cola, unit, 1000))
    expect(setTimes(lines, 1, 9000)[0]?.times_milli).toBe(1000)
    expect(remove(lines, 1).map((line) => line.name)).toEqual(['可乐'])
  })

  it.each([
    [false, 1000, true],
    [false, 500, false],
    [true, 755, true],
    [true, 0, false],
    [false, -1000, false],
  ])('weighed %s, %i thousandths: %s', (weighed, times, may) =>
    expect(isQuantity({ weighed }, times)).toBe(may))
})

describe('totals', () => {
  it('adds up and rounds as the store rounds cash', () => {
    const lines = basketOf(lineOf(cola, unit, 3000), lineOfScan(label, 1000))
    expect(totalsOf(lines, 'drop_fen')).toEqual({ goods_fen: 2197, rounding_fen: -7, due_fen: 2190, items: 4 })
  })

  it('counts a weighed line as one piece', () => {
    const apples = aProduct({ id: 3, weighed: true, price_fen: 1000 })
    expect(totalsOf(basketOf(lineOf(apples, null, 755)), 'none')).toMatchObject({ goods_fen: 755, items: 1 })
  })
})

describe('new prices', () => {
  it('moves lines, remembers the old price, leaves printed amounts', () => {
    const lines = basketOf(lineOf(cola, unit, 2000), lineOfScan(label, 1000))
    const { lines: next, moved } = reprice(lines, [
      { ...cola, price_fen: 350 },
      aProduct({ id: 2, price_fen: 9999 }),
    ])
    expect(moved.map((line) => [line.name, line.was_fen, lineFen(line)])).toEqual([['可乐', 330, 700]])
    expect(next.map(lineFen)).toEqual([700, 1207])
  })
})

it('names labels by their code alone', () => {
  const lines = basketOf(lineOf(cola, unit, 2000), lineOf(cola, null, 1000), lineOfScan(label, 1000))
  expect(orderLines(lines)).toEqual([
    { barcode: '6901234567892', qty_milli: 2000 },
    { product_id: 1, qty_milli: 1000 },
    { barcode: '2100021012079' },
  ])
})
