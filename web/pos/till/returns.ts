/** What comes back of an order, as the cashier fills it in. Pure; what is paid back the server says. */
import type { BlindLine, Order, PlaceOrder, ReturnLine } from '@/shared/api/sales'

/** Where goods that came back go. */
export type Place = 'shelf' | 'loss'

export interface Choice {
  line_no: number
  name: string
  unit: string
  unit_price_fen: number
  /** What can still come back. */
  left_milli: number
  qty_milli: number | null
  goods_to: Place
}

/** The number on a receipt, as its barcode says it: day, till, running number. */
export function isOrderNo(code: string): boolean {
  return /^\d{8}-\d{2,}-\d{6,}$/.test(code)
}

/** The lines of which something is left, with nothing chosen yet. */
export function choicesOf(order: Order): Choice[] {
  return order.lines
    .map(({ line_no, name, unit, unit_price_fen, qty_milli, returned_milli }) => ({
      line_no,
      name,
      unit,
      unit_price_fen,
      left_milli: qty_milli - returned_milli,
      qty_milli: null,
      goods_to: 'shelf' as const,
    }))
    .filter(({ left_milli }) => left_milli > 0)
}

/** What the server is asked; lines without a quantity stay with the customer. */
export function returnLines(choices: readonly Choice[]): ReturnLine[] {
  return choices.flatMap(({ line_no, qty_milli, goods_to }) => (qty_milli ? [{ line_no, qty_milli, goods_to }] : []))
}

/** Goods in the basket as lines that come back without a receipt; a given price is for a sale only. */
export function blindLines(goods: PlaceOrder['lines'], places: readonly Place[]): BlindLine[] {
  return goods.map(({ barcode, product_id, qty_milli }, at) => ({
    barcode,
    product_id,
    qty_milli,
    goods_to: places[at] ?? 'shelf',
  }))
}
