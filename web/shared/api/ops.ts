/** Who did what. */
import { apiUrl, http, type ListQuery, type Page } from './http'
import type { Answer } from './schema'

/** `detail` is whatever the action says: `changes`, `items`, and more. */
export type Operation = Omit<Answer<'OperationView'>, 'detail'> & { detail: Record<string, unknown> | null }

export interface OperationQuery extends ListQuery {
  actor?: string
  /** One action, or all that begin so: `product.`. */
  action?: string
  target?: string
  terminal?: string
  from?: string
  to?: string
  store?: string
  q?: string
}

export const ops = {
  getRetention: () => http.get<Answer<'RetentionView'>>('/retention'),
  listOperations: (query: OperationQuery, signal?: AbortSignal) =>
    http.get<Page<Operation>>('/operations', query, signal),
  operationExportUrl: (query: OperationQuery & { format: 'xlsx' | 'csv'; lang: string }) =>
    apiUrl('/operations/export', query),
}
