/** The basket on the screen; survives a reload of the page. */
import { useSessionStorage } from '@vueuse/core'
import { computed, ref } from 'vue'
import type { TillProduct } from '@/shared/api/catalog'
import type { CashRounding } from '@/shared/lib/money'
import { type Line, type NewLine, add, give, isQuantity, remove, reprice, setTimes, totalsOf } from './basket'

export function useBasket(rounding: () => CashRounding) {
  const lines = useSessionStorage<Line[]>('aisle.basket', [])
  const currentKey = ref(lines.value.at(-1)?.key ?? 0)

  const totals = computed(() => totalsOf(lines.value, rounding()))
  const current = computed(() => lines.value.find(({ key }) => key === currentKey.value))
  const empty = computed(() => lines.value.length === 0)

  function put(line: NewLine): void {
    const next = add(lines.value, line)
    lines.value = next.lines
    currentKey.value = next.key
  }

  /** Changes how many of the current line; false when that cannot be. */
  function setQuantity(times_milli: number): boolean {
    const line = current.value
    if (!line || line.label || !isQuantity(line, times_milli)) return false
    lines.value = setTimes(lines.value, line.key, times_milli)
    return true
  }

  /** Gives a line another price, when it is still there. */
  function givePrice(key: number, given: Line['given']): void {
    lines.value = give(lines.value, key, given)
  }

  function removeCurrent(): Line | undefined {
    const line = current.value
    if (!line) return undefined
    const at = lines.value.indexOf(line)
    lines.value = remove(lines.value, line.key)
    currentKey.value = (lines.value[at] ?? lines.value[at - 1])?.key ?? 0
    return line
  }

  function move(by: 1 | -1): void {
    const at = lines.value.findIndex(({ key }) => key === currentKey.value)
    currentKey.value = lines.value[at + by]?.key ?? currentKey.value
  }

  function replace(next: Line[]): void {
    lines.value = next
    currentKey.value = next.at(-1)?.key ?? 0
  }

  function clear(): void {
    replace([])
  }

  function follow(changed: TillProduct[]): Line[] {
    const { lines: next, moved } = reprice(lines.value, changed)
    lines.value = next
    return moved
  }

  return {
    lines,
    currentKey,
    current,
    totals,
    empty,
    put,
    setQuantity,
    givePrice,
    removeCurrent,
    move,
    replace,
    clear,
    follow,
  }
}

export type BasketState = ReturnType<typeof useBasket>
