import type { BulkItem, BulkKind, BulkProblem } from '@/shared/api/catalog'
import { formatFen, formatMilli } from '@/shared/lib/money'

/** What kind of control takes the value of a change. */
export function bulkInput(kind: BulkKind): 'money' | 'qty' | 'rate' | 'state' | 'category' {
  switch (kind) {
    case 'price_set':
    case 'price_add':
      return 'money'
    case 'price_percent':
    case 'member_price_percent':
      return 'rate'
    case 'safety_stock':
      return 'qty'
    case 'state':
    case 'category':
      return kind
  }
}

/** A value before or after a change, as people read it. */
export function bulkText(
  kind: BulkKind,
  value: BulkItem['before'],
  stateName: (state: string) => string,
  categoryName: (id: number) => string | undefined,
): string {
  if (value === null || value === '') return '–'
  if (kind === 'state') return stateName(String(value))
  if (kind === 'category') return categoryName(Number(value)) ?? String(value)
  return kind === 'safety_stock' ? formatMilli(Number(value)) : formatFen(Number(value))
}

/** Nothing is applied while one product has such a problem. */
export function refuses(problem: BulkProblem | null): boolean {
  return problem === 'negative' || problem === 'too_high'
}
