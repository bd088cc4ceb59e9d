/** Asks a second person when the server wants one, one question at a time. */
import { shallowRef } from 'vue'
import { onApprovalNeeded } from '@/shared/queries/people'

interface Question {
  permission: string
  settle: (id: string | null) => void
}

export function useApproval() {
  const asked = shallowRef<Question>()

  /** The id of an approval, or nothing when it is not given. */
  function answer(id: string | null): void {
    asked.value?.settle(id)
    asked.value = undefined
  }

  // Asked again while a question is open: the first one is given up.
  onApprovalNeeded((permission) => {
    answer(null)
    return new Promise((settle) => (asked.value = { permission, settle }))
  })
  return { asked, answer }
}
