/** Words for what the log writes down in short names; a name without words stands for itself. */
import { useI18n } from 'vue-i18n'
import { formatMilli, formatFen, formatRate } from '@/shared/lib/money'

export interface ActionGroup {
  /** `product.`: the beginning of its actions. */
  prefix: string
  label: string
  actions: { action: string; label: string }[]
}

export function useLogWords() {
  const i18n = useI18n()

  function words(key: string, fallback: string): string {
    return i18n.te(key) ? i18n.t(key) : fallback
  }

  const actionText = (action: string): string => words(`ops.actions.${action}`, action)
  const fieldText = (field: string): string => words(`ops.fields.${field}`, field)

  /** `product 12` → `商品 12`. */
  function targetText(target: string): string {
    const [, kind = '', id = ''] = /^(\w+) (.+)$/.exec(target) ?? []
    return kind ? `${words(`ops.targets.${kind}`, kind)} ${id}` : target || '–'
  }

  function valueText(field: string, value: unknown): string {
    if (value === null || value === undefined || value === '') return '–'
    if (typeof value === 'boolean') return i18n.t(value ? 'ops.yes' : 'ops.no')
    if (field === 'hidden' && Array.isArray(value)) return value.map((each) => fieldText(String(each))).join('、')
    if (Array.isArray(value)) return value.length === 0 ? '–' : value.map((each) => valueText('', each)).join('、')
    if (typeof value === 'number') return numberText(field, value)
    if (typeof value !== 'string') return JSON.stringify(value)
    if (field === 'state') return words(`state.product.${value}`, value)
    if (field === 'reason') return words(`reason.${value}`, value)
    if (field === 'rounding') return words(`stores.round.${value}`, value)
    return value
  }

  function numberText(field: string, value: number): string {
    if (field.endsWith('_fen')) return formatFen(value)
    if (field.endsWith('_milli')) return formatMilli(value)
    if (field.endsWith('_bp')) return formatRate(value)
    return String(value)
  }

  /** Every action that has words, by the thing it is done to. */
  function actionGroups(): ActionGroup[] {
    const groups: Record<string, Record<string, unknown>> = i18n.tm('ops.actions')
    return Object.entries(groups).map(([kind, actions]) => ({
      prefix: `${kind}.`,
      label: words(`ops.targets.${kind}`, kind),
      actions: Object.keys(actions).map((verb) => ({ action: `${kind}.${verb}`, label: actionText(`${kind}.${verb}`) })),
    }))
  }

  return { actionText, fieldText, targetText, valueText, actionGroups }
}
