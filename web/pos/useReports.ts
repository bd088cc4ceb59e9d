/** Says now and then that this till is there, which page it runs and what it could not send yet. */
import { useIntervalFn } from '@vueuse/core'
import { ref, watch } from 'vue'
import { reportDevice } from '@/shared/queries/identity'
import { useSession } from '@/shared/session'

const everyMs = 45_000

/** Sales on their way; null while no till is open that could tell. */
export const unsent = ref<number | null>(null)

export function useReports(): void {
  const session = useSession()

  function report(): void {
    if (session.terminalToken === null) return
    // Who cannot be reached now hears of it the next time.
    reportDevice({ version: __AISLE_VERSION__, unsent: unsent.value }).catch(() => undefined)
  }

  useIntervalFn(report, everyMs)
  watch([() => session.terminal?.id, unsent], report, { immediate: true })
}
