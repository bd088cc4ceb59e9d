/** The basket's rules, pure. Amounts are what the server will charge; it has the last word. */
import type { Scan, TillProduct } from '@/shared/api/catalog'
import type { PlaceOrder } from '@/shared/api/sales'
import { type CashRounding, amountFen, roundDiv, roundingFen } from '@/shared/lib/money'
import type { Pack } from '../catalogue'

export interface Line {
  key: number
  product_id: number
  name: string
  spec: string
  unit: string
  weighed: boolean
  /** What was scanned; null when chosen from the list. */
  barcode: string | null
  /** How many of the scanned pack, in thousandths. */
  times_milli: number
  /** What one pack holds. */
  pack_milli: number
  /** Price of one unit. */
  price_fen: number
  /** Price of one pack, when the pack has its own. */
  pack_price_fen: number | null
  /** A scale label: its quantity is printed and cannot be changed. */
  label: boolean
  /** Amount printed on the label. */
  label_fen: number | null
  /** A price somebody gave this line: its name and what one unit costs then. */
  given?: { id: string; price_fen: number }
  /** The price before it changed while the line lay in the basket. */
  was_fen?: number
}

export interface Totals {
  goods_fen: number
  rounding_fen: number
  due_fen: number
  /** Pieces; a weighed line counts as one. */
  items: number
}

export type NewLine = Omit<Line, 'key'>

export function lineOf(product: TillProduct, pack: Pack | null, times_milli: number): NewLine {
  return {
    product_id: product.id,
    name: product.name,
    spec: product.spec,
    unit: product.unit,
    weighed: product.weighed,
    barcode: pack?.barcode ?? null,
    times_milli,
    pack_milli: pack?.qty_milli ?? 1000,
    price_fen: product.price_fen,
    pack_price_fen: pack?.price_fen ?? null,
    label: false,
    label_fen: null,
  }
}

/** A line from a code only the server can read: scale labels, GS1 codes, goods newer than the copy. */
export function lineOfScan(scan: Scan, times_milli: number): NewLine {
  const { scanned } = scan
  const label = scanned.kind === 'weighed' || scanned.kind === 'priced'
  const own = scan.barcodes.find(({ barcode }) => barcode === scanned.barcode)
  return {
    product_id: scan.id,
    name: scan.name,
    spec: scan.spec,
    unit: scan.unit,
    weighed: scan.weighed,
    barcode: scanned.barcode,
    times_milli: label ? 1000 : times_milli,
    pack_milli: scanned.qty_milli,
    price_fen: scan.price_fen,
    pack_price_fen: own?.price_fen ?? null,
    label,
    label_fen: label ? (scanned.amount_fen ?? null) : null,
  }
}

/** Adds a line, or its quantity to the line it repeats. Answers the lines and the key of the touched one. */
export function add(lines: readonly Line[], line: NewLine): { lines: Line[]; key: number } {
  const twin = lines.find((each) => !line.label && !each.label && isSame(each, line))
  if (twin) {
    return { lines: setTimes(lines, twin.key, twin.times_milli + line.times_milli), key: twin.key }
  }
  const key = lines.reduce((most, each) => Math.max(most, each.key), 0) + 1
  return { lines: [...lines, { ...line, key }], key }
}

/** Changes how many; a label keeps what is printed on it. */
export function setTimes(lines: readonly Line[], key: number, times_milli: number): Line[] {
  return lines.map((each) => (each.key === key && !each.label ? { ...each, times_milli } : each))
}

/** Puts a given price on a line. */
export function give(lines: readonly Line[], key: number, given: Line['given']): Line[] {
  return lines.map((each) => (each.key === key ? { ...each, given } : each))
}

export function remove(lines: readonly Line[], key: number): Line[] {
  return lines.filter((each) => each.key !== key)
}

/** Whether so many of it can be sold: pieces are whole, weighed goods are not. */
export function isQuantity(line: Pick<Line, 'weighed'>, times_milli: number): boolean {
  return times_milli > 0 && times_milli <= 100_000_000 && (line.weighed || times_milli % 1000 === 0)
}

/** Quantity of a line in the product's unit. */
export function qtyMilli(line: Pick<Line, 'times_milli' | 'pack_milli'>): number {
  return Number(roundDiv(BigInt(line.times_milli) * BigInt(line.pack_milli), 1000n))
}

/** What the customer pays for a line. A given price never makes it dearer. */
export function lineFen(line: Omit<Line, 'key'>): number {
  const full_fen = fullFen(line)
  return line.given ? Math.min(full_fen, amountFen(line.given.price_fen, qtyMilli(line))) : full_fen
}

/** Whether its price can be another: a pack's own price and a printed amount stay. */
export function isPriceFree(line: Pick<Line, 'label_fen' | 'pack_price_fen'>): boolean {
  return line.label_fen === null && line.pack_price_fen === null
}

/** What the goods' own prices make. */
function fullFen(line: Omit<Line, 'key'>): number {
  if (line.label_fen !== null) return line.label_fen
  if (line.pack_price_fen !== null) return amountFen(line.pack_price_fen, line.times_milli)
  return amountFen(line.price_fen, qtyMilli(line))
}

export function totalsOf(lines: readonly Line[], rounding: CashRounding): Totals {
  const goods_fen = lines.reduce((sum, line) => sum + lineFen(line), 0)
  const rounding_fen = roundingFen(goods_fen, rounding)
  const items = lines.reduce((sum, line) => sum + (line.weighed ? 1 : qtyMilli(line) / 1000), 0)
  return { goods_fen, rounding_fen, due_fen: goods_fen + rounding_fen, items }
}

/** Follows new prices. A printed amount stays. Answers which lines now cost something else. */
export function reprice(
  lines: readonly Line[],
  changed: readonly TillProduct[],
): { lines: Line[]; moved: Line[] } {
  const news = new Map(changed.map((product) => [product.id, product]))
  const moved: Line[] = []
  const next = lines.map((line) => {
    const product = news.get(line.product_id)
    if (!product || line.label_fen !== null) return line
    const pack = product.barcodes.find(({ barcode }) => barcode === line.barcode)
    const pack_price_fen = line.barcode === null ? null : (pack?.price_fen ?? null)
    const fresh = { ...line, price_fen: product.price_fen, pack_price_fen }
    if (lineFen(fresh) === lineFen(line)) return fresh
    const marked = { ...fresh, was_fen: line.pack_price_fen ?? line.price_fen }
    moved.push(marked)
    return marked
  })
  return { lines: next, moved }
}

/** What is sent to the server; a label names its code alone, because the quantity is in it. */
export function orderLines(lines: readonly Line[]): PlaceOrder['lines'] {
  return lines.map(({ barcode, product_id, times_milli, label, given }) => ({
    ...(barcode === null ? { product_id } : { barcode }),
    ...(!label && { qty_milli: times_milli }),
    ...(given && { price_override: given.id }),
  }))
}

function isSame(a: NewLine, b: NewLine): boolean {
  return (
    !a.given &&
    !b.given &&
    a.product_id === b.product_id &&
    a.barcode === b.barcode &&
    a.price_fen === b.price_fen &&
    a.pack_price_fen === b.pack_price_fen
  )
}
