/** Sheets of goods: checked first, then applied, then, if need be, undone. */
import { apiUrl, http, type ListQuery, type Page } from './http'

export type ImportState = 'checking' | 'checked' | 'applying' | 'applied' | 'failed' | 'undone'

/** A column that was not read, or anything else worth a word. */
export type ImportWarning = string | { code: string; header?: string; kept?: string }

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
  warnings: ImportWarning[]
  error?: string | null
  created_at: string
}

export interface ImportRow {
  row: number
  state: string
  values: Record<string, unknown> | unknown[]
  errors: { column: string; code: string; value?: unknown; [detail: string]: unknown }[]
}

export type ImportRowFilter = 'bad' | 'new' | 'changed'

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
  failedUrl: (id: string, format: 'xlsx' | 'csv') => apiUrl(`/imports/${id}/failed`, { format }),
}
