/** The days of a list's filter as the times the server asks for. */
import { computed } from 'vue'
import { dayStart } from '@/shared/lib/time'
import { useSession } from '@/shared/session'
import type { ListState } from '@/shared/ui/useListState'

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
