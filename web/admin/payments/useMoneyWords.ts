/** How old money in doubt is and what happens to it next, in words. */
import { useI18n } from 'vue-i18n'
import type { DoubtRow } from '@/shared/api/payments'
import { formatClock } from '@/shared/lib/time'
import { useSession } from '@/shared/session'

export function useMoneyWords() {
  const i18n = useI18n()
  const { t } = i18n
  const session = useSession()

  /** `3 min`: the largest unit is enough. */
  function ageText(seconds: number): string {
    const units = [
      ['d', 86_400],
      ['h', 3600],
      ['m', 60],
    ] as const
    const [unit, size] = units.find(([, each]) => seconds >= each) ?? (['s', 1] as const)
    return t(`payments.doubt.ages.${unit}`, { n: Math.floor(seconds / size) })
  }

  function stepText({ next_step, check_at }: Pick<DoubtRow, 'next_step' | 'check_at'>): string {
    if (!next_step || !check_at) return t('payments.doubt.step.none')
    return t(`payments.doubt.step.${next_step}`, { at: formatClock(check_at, session.store?.time_zone) })
  }

  /** A gateway's own words are kept; ours have none. */
  function causeText(code: string, text: string): string {
    return [text, code && `(${code})`].filter(Boolean).join(' ') || '–'
  }

  function methodText(method: string): string {
    return i18n.te(`method.${method}`) ? t(`method.${method}`) : method
  }

  return { ageText, stepText, causeText, methodText }
}
