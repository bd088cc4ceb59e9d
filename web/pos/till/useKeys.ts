/** An action is data: the key that runs it, the button that shows it, the line in the help. */
import { useEventListener } from '@vueuse/core'

export interface TillAction {
  name: string
  /** Key of its label in the locales. */
  label: string
  /** How the key is written, `Shift+F6`. */
  key: string
  enabled: boolean
  /** Shown as a button; the others are in the help only. */
  button: boolean
  tone?: 'main' | 'danger'
  run: () => void
}

/** Runs actions by key wherever the focus is; the browser's own meaning of these keys is off. */
export function useKeys(actions: () => readonly TillAction[], open: () => boolean): void {
  useEventListener(window, 'keydown', (event: KeyboardEvent) => {
    if (/^F\d+$/.test(event.key) && event.key !== 'F12') event.preventDefault()
    if (!open()) return
    const action = actions().find(({ key }) => key === nameOf(event))
    if (!action || isEditing(event)) return
    event.preventDefault()
    if (action.enabled) action.run()
  })
}

export function nameOf({ key, ctrlKey, shiftKey }: KeyboardEvent): string {
  const name = key.length === 1 ? key.toUpperCase() : key
  return `${ctrlKey ? 'Ctrl+' : ''}${shiftKey ? 'Shift+' : ''}${name}`
}

/** Delete in a field with text in it deletes text. */
function isEditing({ key, ctrlKey, target }: KeyboardEvent): boolean {
  return key === 'Delete' && !ctrlKey && target instanceof HTMLInputElement && target.value !== ''
}
