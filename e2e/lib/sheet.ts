/** A sheet of goods as people bring it: three rows that are right and three that are not. */

/** An EAN-13 with its check digit. */
export function ean13(twelve: string): string {
  const sum = [...twelve].reduce((total, digit, at) => total + Number(digit) * (at % 2 === 0 ? 1 : 3), 0)
  return `${twelve}${(10 - (sum % 10)) % 10}`
}

export const goodGoods = [
  { name: '青梅绿茶', barcode: ean13('690999900001'), price_fen: 450 },
  { name: '山楂卷', barcode: ean13('690999900002'), price_fen: 680 },
  { name: '荞麦面', barcode: ean13('690999900003'), price_fen: 1290 },
] as const

const wrongDigit = ean13('690999900005').replace(/.$/, (digit) => String((Number(digit) + 1) % 10))

const rows = [
  ['条码', '品名', '规格', '单位', '售价', '进价'],
  ...goodGoods.map(({ name, barcode, price_fen }) => [barcode, name, '1件', '件', (price_fen / 100).toFixed(2), '1.00']),
  [ean13('690999900004'), '价格写错的饼干', '1件', '件', '三块五', '1.00'],
  [wrongDigit, '条码抄错的果汁', '1件', '件', '5.00', '1.00'],
  [ean13('690999900006'), '', '1件', '件', '5.00', '1.00'],
]

export const sheet = {
  name: '新到商品.csv',
  mimeType: 'text/csv',
  buffer: Buffer.from(`\uFEFF${rows.map((row) => row.join(',')).join('\r\n')}\r\n`),
}

export const badRows = 3
