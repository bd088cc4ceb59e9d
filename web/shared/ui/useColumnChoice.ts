import { useLocalStorage } from '@vueuse/core'
import type { Column } from './table'

/** Which columns of a list are shown; only what differs from the default is kept. */
export function useColumnChoice(name: string, columns: () => Column<never>[]) {
  const kept = useLocalStorage<Record<string, boolean>>(`aisle.columns.${name}`, {})

  function isShown(column: Pick<Column<never>, 'key' | 'hidden' | 'always'>): boolean {
    return column.always === true || (kept.value[column.key] ?? !column.hidden)
  }

  function show(key: string, shown: boolean): void {
    const column = columns().find((each) => each.key === key)
    if (!column) return
    const others = Object.fromEntries(Object.entries(kept.value).filter(([each]) => each !== key))
    kept.value = shown === !column.hidden ? others : { ...others, [key]: shown }
  }

  function reset(): void {
    kept.value = {}
  }

  return { isShown, show, reset }
}

export type ColumnChoice = ReturnType<typeof useColumnChoice>
