/** What both logs ask the server, the days of their filters as times, and what its pages mean. */
import { computed } from 'vue'
import { dayStart } from '@/shared/lib/time'
import { useSession } from '@/shared/session'
import type { ListState } from '@/shared/ui/useListState'

/** The server stops looking after a while; then there are rows behind an empty page. */
export const isUnfinished = (page?: { items: unknown[]; next: string | null }): boolean =>
  page?.items.length === 0 && page.next !== null

export function useLogQuery(state: ListState) {
  const session = useSession()
  return computed(() => {
    const { from, to } = state.filters.value
    const zone = session.store?.time_zone
    const cutoff = session.store?.day_cutoff_hour
    return {
      ...state.query.value,
      sort: undefined,
      from: from && dayStart(from, zone, cutoff),
      to: to && dayStart(to, zone, cutoff, 1),
    }
  })
}
