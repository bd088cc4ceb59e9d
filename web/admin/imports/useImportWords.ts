import { useI18n } from 'vue-i18n'
import type { ImportRow, ImportWarning } from '@/shared/api/imports'
import { useErrorText } from '@/shared/ui/useErrorText'

/** Columns, reasons, warnings and refusals of a sheet in the user's language; what has no word is shown as it came. */
export function useImportWords() {
  const i18n = useI18n()
  const { t } = i18n
  const { codeText } = useErrorText()

  function columnText(column: string): string {
    return i18n.te(`imports.column.${column}`) ? t(`imports.column.${column}`) : column
  }

  function reasonText(mistake: ImportRow['errors'][number]): string {
    const keys = [`imports.reason.${mistake.code}`, `errors.${mistake.code}`]
    const key = keys.find((each) => i18n.te(each))
    return key ? t(key, { ...mistake }) : mistake.code
  }

  function warningText(warning: ImportWarning): string {
    const key = `imports.warning.${warning.code}`
    return i18n.te(key) ? t(key, { ...warning }) : warning.code
  }

  /** Why the whole file was not read, and what to do about it. */
  function refusalText(error: ImportWarning): string {
    const key = `imports.refused.${String(error.reason)}`
    return i18n.te(key) ? t(key) : codeText(error.code, error)
  }

  function valueText(value: unknown): string {
    return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
  }

  return { columnText, reasonText, warningText, refusalText, valueText }
}
