import type { Ref } from 'vue'
import type { Page } from '../api/http'

/** A column of a DataTable. Its cell is the slot `cell-<key>`, else `text(row)`, else the row's field of that name. */
export interface Column<T> {
  key: string
  label: string
  width?: number
  minWidth?: number
  align?: 'left' | 'right' | 'center'
  /** The server's name for sorting by this column. */
  sortKey?: string
  /** Not shown until chosen. */
  hidden?: boolean
  /** Cannot be hidden. */
  always?: boolean
  text?: (row: T) => string
}

/** What `useQuery` answers, as far as a table needs it. */
export interface ListResult<T> {
  data: Readonly<Ref<Page<T> | undefined>>
  error: Readonly<Ref<Error | null>>
  isPending: Readonly<Ref<boolean>>
  isFetching: Readonly<Ref<boolean>>
  refetch: () => Promise<unknown>
}
