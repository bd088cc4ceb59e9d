/** What narrows a list is data, drawn by `FilterBar` in the order given; `name` is the filter in the list's URL. */
export interface Choice {
  name: string
  label: string
  options: { value: string; label: string }[]
  /** In pixels, where the words are long. */
  width?: number
}

export interface Flag {
  name: string
  label: string
}

/** The options of names the server made. */
export function named(items: { id: number; name: string }[] | undefined): Choice['options'] {
  return (items ?? []).map(({ id, name }) => ({ value: String(id), label: name }))
}

/** The options of a closed set of words; `words` has the text of each. */
export function worded(values: string[], words: (value: string) => string): Choice['options'] {
  return values.map((value) => ({ value, label: words(value) }))
}
