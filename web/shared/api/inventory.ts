/** What is on hand, how it came to be so, and changing it by hand. */
import { http, type ListQuery, type Page } from './http'
import type { Answer, Request } from './schema'

export type StockRow = Answer<'StockRow'>
export type LedgerEntry = Answer<'EntryView'>
export type StockDay = Answer<'DayView'>
export type StockReason = Answer<'ReasonView'>
export type AdjustStock = Request<'AdjustStock'>

export interface StockQuery extends ListQuery {
  q?: string
  category?: number
  low?: boolean
  negative?: boolean
}

export interface LedgerQuery extends ListQuery {
  from?: string
  to?: string
  reason?: string
}

export const inventory = {
  listStock: (query: StockQuery, signal?: AbortSignal) => http.get<Page<StockRow>>('/stock', query, signal),
  listLedger: (product: number, query: LedgerQuery) =>
    http.get<Page<LedgerEntry>>(`/stock/${product}/ledger`, query),
  listDays: (product: number, days: number) =>
    http.get<{ items: StockDay[] }>(`/stock/${product}/days`, { days }),
  listReasons: () => http.get<{ items: StockReason[] }>('/stock/reasons'),
  adjust: (body: AdjustStock) => http.post<Answer<'AdjustedView'>>('/stock/adjustments', body),
}
