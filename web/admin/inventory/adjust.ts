import { formatMilli } from '@/shared/lib/money'

export interface DraftLine {
  product_id: number
  name: string
  unit: string
  on_hand_milli: number
  /** As typed: how much goes in or out; with a sign only where the reason goes both ways. */
  qty_milli: number | null
}

/** What is sent: a reason that only takes out takes out, whichever sign was typed. */
export function signed(lines: readonly DraftLine[], direction: string): { product_id: number; delta_milli: number }[] {
  return lines.map(({ product_id, qty_milli }) => {
    const qty = qty_milli ?? 0
    if (direction === 'both') return { product_id, delta_milli: qty }
    return { product_id, delta_milli: direction === 'out' ? -Math.abs(qty) : Math.abs(qty) }
  })
}

/** A movement with its sign: `+5`, `-0.456`. */
export function signedMilli(milli: number): string {
  return milli > 0 ? `+${formatMilli(milli)}` : formatMilli(milli)
}
