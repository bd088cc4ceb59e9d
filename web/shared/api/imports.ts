/** Sheets of goods: checked first, then applied, then, if need be, undone. */
import { apiUrl, http, type ListQuery, type Page } from './http'

export type ImportState = 'checking' | 'checked' | 'applying' | 'applied' | 'failed' | 'undone'

/** A column that was not read, or anything else worth a word. */
export interface ImportWarning {
  code: string
  [detail: string]: unknown
}

export interface Import {
  id: string
  kind: string
  file_name: string
  state: ImportState
  rows: number
  good: number
  bad: number
  done: number
  created: number
  updated: number
  unchanged: number
  /** Goods the undoing left alone, because somebody has changed or moved them since. */
  kept: number
  /** The columns of the sheet, in the order of a row's `values`. */
  headers: string[]
  warnings: ImportWarning[]
  error: ImportWarning | null
  created_at: string
}

export interface ImportRow {
  row: number
  state: string
  values: string[]
  errors: { column: string; code: string; value?: unknown; [detail: string]: unknown }[]
}

export type ImportRowFilter = 'bad' | 'new' | 'changed' | 'kept'

export const imports = {
  upload: (file: File) => {
    const body = new FormData()
    body.set('kind', 'products')
    body.set('file', file, file.name)
    return http.post<Import>('/imports', body)
  },
  list: (query: ListQuery) => http.get<Page<Import>>('/imports', query),
  get: (id: string) => http.get<Import>(`/imports/${id}`),
  listRows: (id: string, query: ListQuery & { state?: ImportRowFilter }) =>
    http.get<Page<ImportRow>>(`/imports/${id}/rows`, query),
  apply: (id: string) => http.post<Import>(`/imports/${id}/apply`),
  undo: (id: string) => http.post<Import>(`/imports/${id}/undo`),
  failedUrl: (id: string, query: { format: 'xlsx' | 'csv'; lang: string }) =>
    apiUrl(`/imports/${id}/failed`, query),
}
