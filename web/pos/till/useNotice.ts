/** One line that tells the cashier something, and goes by itself. */
import { useTimeoutFn } from '@vueuse/core'
import { shallowRef } from 'vue'
import { useI18n } from 'vue-i18n'
import { useErrorText } from '@/shared/ui/useErrorText'

export interface Notice {
  text: string
  tone: 'warn' | 'bad' | 'good'
}

export function useNotice() {
  const { t } = useI18n()
  const { errorText } = useErrorText()
  const notice = shallowRef<Notice | null>(null)
  const { start } = useTimeoutFn(() => (notice.value = null), 8000, { immediate: false })

  function show(text: string, tone: Notice['tone']): void {
    notice.value = { text, tone }
    start()
  }

  const tell = (key: string, detail: Record<string, unknown> = {}): void => show(t(key, detail), 'warn')
  const cheer = (key: string): void => show(t(key), 'good')
  const fail = (error: unknown): void => show(errorText(error), 'bad')

  return { notice, tell, cheer, fail }
}
