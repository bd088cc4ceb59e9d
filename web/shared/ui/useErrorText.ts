import { useI18n } from 'vue-i18n'
import { ApiError, errorCode, fieldErrors } from '../api/errors'

/** What happened and what to do, in the user's language, from the error's code. */
export function useErrorText() {
  const i18n = useI18n()

  /** The words for a bare code. */
  function codeText(code: string, details: Record<string, unknown> = {}): string {
    const key = `errors.${code}`
    return i18n.te(key) ? i18n.t(key, details) : i18n.t('errors.unexpected')
  }

  function errorText(error: unknown): string {
    const first = error instanceof ApiError ? error.problem.fields[0] : undefined
    return codeText(errorCode(error), first)
  }

  /** Messages by field name, for forms. */
  function fieldTexts(error: unknown): Record<string, string> {
    const fields = Object.entries(fieldErrors(error))
    return Object.fromEntries(fields.map(([name, field]) => [name, codeText(field.code, field)]))
  }

  return { errorText, codeText, fieldTexts }
}
