/** Doing something on the server and saying how it went. */
import { ElMessage, ElMessageBox } from 'element-plus'
import { useI18n } from 'vue-i18n'
import { useErrorText } from '@/shared/ui/useErrorText'

export function useDeed() {
  const { t } = useI18n()
  const { errorText } = useErrorText()

  /** Whether it worked; the person has been told either way. */
  async function attempt(work: () => Promise<unknown>, done?: string): Promise<boolean> {
    try {
      await work()
    } catch (error) {
      ElMessage.error(errorText(error))
      return false
    }
    if (done) ElMessage.success(done)
    return true
  }

  /** Asks first; `yes` names the deed on the button. */
  async function sure(question: string, yes: string): Promise<boolean> {
    try {
      await ElMessageBox.confirm(question, {
        confirmButtonText: yes,
        cancelButtonText: t('common.cancel'),
        type: 'warning',
        autofocus: false,
      })
      return true
    } catch {
      return false
    }
  }

  return { attempt, sure }
}
