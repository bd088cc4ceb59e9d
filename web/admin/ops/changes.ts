/** What an entry of the operation log says, sorted for the eye. */

export interface Change {
  field: string
  before: unknown
  after: unknown
}

export interface Thing {
  /** Of one among several; empty when the entry is about one thing. */
  name: string
  changes: Change[]
}

export interface Said {
  things: Thing[]
  /** Everything else, name by name. */
  rest: [name: string, value: unknown][]
}

type Detail = Record<string, unknown> | null

/** The server writes `changes: { field: [before, after] }`, by itself or in each of `items`. */
export function readDetail(detail: Detail): Said {
  if (!detail) return { things: [], rest: [] }
  const { changes, items, ...others } = detail
  const own = changesOf(changes)
  const listed = Array.isArray(items) ? items : []
  const parts = listed.filter(isRecord).map((item) => ({ name: text(item.name), changes: changesOf(item.changes) }))
  const things = [...(own.length > 0 ? [{ name: '', changes: own }] : []), ...parts.filter((part) => part.changes.length > 0)]
  return { things, rest: Object.entries(others).filter(([, value]) => value !== null && value !== '') }
}

function changesOf(value: unknown): Change[] {
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([field, pair]) =>
    Array.isArray(pair) && pair.length === 2 ? [{ field, before: pair[0] as unknown, after: pair[1] as unknown }] : [],
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
