/**
 * Money in whole fen and quantities in thousandths, as they come over the wire.
 * Integers only: nothing here divides, multiplies or parses through a fraction.
 */

/** Half away from zero: the same rounding as the server's. */
export function roundDiv(value: bigint, by: bigint): bigint {
  const [magnitude, sign] = value < 0n ? [-value, -1n] : [value, 1n]
  return (sign * (magnitude * 2n + by)) / (by * 2n)
}

/** Price per unit times quantity, rounded to the fen. */
export function amountFen(priceFen: number, qtyMilli: number): number {
  return Number(roundDiv(BigInt(priceFen) * BigInt(qtyMilli), 1000n))
}

export const cashRoundings = ['none', 'drop_fen', 'drop_jiao', 'round_jiao', 'round_yuan'] as const
export type CashRounding = (typeof cashRoundings)[number]

/** The rule by its name on the wire. */
export function asRounding(name: string | undefined): CashRounding {
  return cashRoundings.find((rule) => rule === name) ?? 'none'
}

/** What to add to a total so that it can be paid in cash; zero or negative when dropping. */
export function roundingFen(totalFen: number, rule: CashRounding): number {
  switch (rule) {
    case 'none':
      return 0
    case 'drop_fen':
      return -(totalFen % 10)
    case 'drop_jiao':
      return -(totalFen % 100)
    case 'round_jiao':
      return Number(roundDiv(BigInt(totalFen), 10n) * 10n) - totalFen
    case 'round_yuan':
      return Number(roundDiv(BigInt(totalFen), 100n) * 100n) - totalFen
  }
}

/** `123456` → `1,234.56`. */
export function formatFen(fen: number): string {
  const digits = Math.abs(fen).toString().padStart(3, '0')
  return sign(fen) + grouped(digits.slice(0, -2)) + '.' + digits.slice(-2)
}

/** `1250` → `1.25`, `2000` → `2`; at most three decimals, none that say nothing. */
export function formatMilli(milli: number): string {
  const digits = Math.abs(milli).toString().padStart(4, '0')
  const fraction = digits.slice(-3).replace(/0+$/, '')
  return sign(milli) + grouped(digits.slice(0, -3)) + (fraction && '.' + fraction)
}

/** Basis points as percent: `1300` → `13%`. */
export function formatRate(bp: number): string {
  const digits = Math.abs(bp).toString().padStart(3, '0')
  const fraction = digits.slice(-2).replace(/0+$/, '')
  return sign(bp) + digits.slice(0, -2) + (fraction && '.' + fraction) + '%'
}

/** What people type as an amount (`12`, `12.5`, `１２．５０`, `1,200`) in fen; `null` when it is none. */
export function parseFen(text: string): number | null {
  return parseDecimal(text, 2)
}

/** What people type as a quantity in thousandths; `null` when it is none. */
export function parseMilli(text: string): number | null {
  return parseDecimal(text, 3)
}

/** Percent as people type it, in basis points. */
export function parseRate(text: string): number | null {
  return parseDecimal(text.replace(/[%％]\s*$/, ''), 2)
}

function parseDecimal(text: string, decimals: number): number | null {
  const plain = text.normalize('NFKC').replace(/[\s,¥￥]/g, '')
  const match = /^(-?)(\d{0,12})(?:\.(\d*))?$/.exec(plain)
  if (!match) return null
  const [, minus = '', whole = '', fraction = ''] = match
  if (whole === '' && fraction === '') return null
  if (fraction.length > decimals) return null
  const units = Number(whole + fraction.padEnd(decimals, '0'))
  return minus && units !== 0 ? -units : units
}

function sign(value: number): string {
  return value < 0 ? '-' : ''
}

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}
