import { computed, ref, watch } from 'vue'
import { type LocationQueryRaw, useRoute, useRouter } from 'vue-router'

/**
 * A list's state lives in the URL: filters, sort, page size and cursor, so that a link, a reload
 * and the back button show the same rows. `names` are the filters this list knows.
 */
export function useListState(names: readonly string[], pageSize = 50) {
  const route = useRoute()
  const router = useRouter()
  const trail = ref<string[]>([])

  const text = (name: string): string | undefined => {
    const value = route.query[name]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const filters = computed(
    () => Object.fromEntries(names.map((name) => [name, text(name)])) as Partial<Record<string, string>>,
  )
  const sort = computed(() => text('sort'))
  const limit = computed(() => Number(text('limit') ?? pageSize))
  const cursor = computed(() => text('cursor'))
  const query = computed<Record<string, string | number | undefined>>(() => ({
    ...filters.value,
    sort: sort.value,
    limit: limit.value,
    cursor: cursor.value,
  }))
  const filtered = computed(() => Object.values(filters.value).some((value) => value !== undefined))
  const page = computed(() => trail.value.length + 1)

  watch(cursor, (now) => {
    if (now === undefined) trail.value = []
  })

  function go(change: LocationQueryRaw): void {
    const next = { ...route.query, ...change }
    const kept = Object.entries(next).filter(([, value]) => value !== undefined && value !== '')
    void router.replace({ query: Object.fromEntries(kept) })
  }

  /** Changes filters, sort or page size and goes back to the first page. */
  function change(values: Record<string, string | number | undefined>): void {
    trail.value = []
    go({ ...values, cursor: undefined })
  }

  function reset(): void {
    change(Object.fromEntries(names.map((name) => [name, undefined])))
  }

  function toNext(next: string): void {
    trail.value.push(cursor.value ?? '')
    go({ cursor: next })
  }

  function toPrevious(): void {
    go({ cursor: trail.value.pop() ?? undefined })
  }

  return { filters, sort, limit, cursor, query, filtered, page, change, reset, toNext, toPrevious }
}

export type ListState = ReturnType<typeof useListState>
