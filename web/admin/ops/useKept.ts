/** How long a log is kept, in words. */
import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import { useRetention } from '@/shared/queries/ops'

const daysOfYear = 365.25

export function useKept(which: 'operations' | 'till_events') {
  const { t } = useI18n()
  const { data } = useRetention()
  return computed(() => {
    if (!data.value) return ''
    const days = data.value[`${which}_days`]
    const kept = days === 0 ? t('ops.kept.for_ever') : t('ops.kept.for', { time: inWords(days) })
    const cut = which === 'operations' && data.value.operations_cut
    return cut ? `${kept} ${t('ops.kept.cut', { day: cut })}` : kept
  })

  /** Whole years where a setting means years. */
  function inWords(days: number): string {
    const years = Math.round(days / daysOfYear)
    const isYears = years > 0 && Math.abs(days - years * daysOfYear) <= 1
    return isYears ? t('ops.kept.years', { n: years }, years) : t('ops.kept.days', { n: days })
  }
}
