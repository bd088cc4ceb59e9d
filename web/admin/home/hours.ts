import type { Today } from '@/shared/api/sales'

type Hour = Today['hours'][number]

/** Every hour of the day; those without a sale are zero. */
export function allHours(hours: readonly Hour[]): Hour[] {
  const known = new Map(hours.map((each) => [each.hour, each]))
  return Array.from({ length: 24 }, (_, hour) => known.get(hour) ?? { hour, orders: 0, total_fen: 0 })
}

/** How far today is towards yesterday, in whole percent; null when there was no yesterday. */
export function percentOf(today: number, yesterday: number): number | null {
  return yesterday > 0 ? Math.round((today * 100) / yesterday) : null
}
