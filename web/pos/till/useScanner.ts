/**
 * A scanner is a keyboard that types fast and ends with Enter or Tab. Catches what it types wherever
 * the focus is, and takes its characters out of the field they fell into. People's typing passes.
 */
import { useEventListener } from '@vueuse/core'

export interface ScannerOptions {
  onScan: (code: string) => void
  minLength?: number
  maxGapMs?: number
  /** When the key was hit; the event's own time, which a busy page does not bend. */
  now?: (event: KeyboardEvent) => number
}

type Field = HTMLInputElement | HTMLTextAreaElement

interface Burst {
  text: string
  at: number
  field: Field | null
  before: string
}

export function useScanner(options: ScannerOptions): void {
  const { onScan, minLength = 6, maxGapMs = 50, now = eventTime } = options
  let burst: Burst | null = null

  function onKey(event: KeyboardEvent): void {
    if (event.key === 'Shift') return
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) {
      burst = null
      return
    }
    const at = now(event)
    const fast = burst !== null && at - burst.at <= maxGapMs
    if (event.key === 'Enter' || event.key === 'Tab') {
      if (burst && fast && burst.text.length >= minLength) finish(event, burst)
      burst = null
      return
    }
    const char = charOf(event)
    if (char === null) burst = null
    else if (burst && fast) burst = { ...burst, text: burst.text + char, at }
    else burst = start(char, at)
  }

  function start(text: string, at: number): Burst {
    const field = focusedField()
    return { text, at, field, before: field?.value ?? '' }
  }

  function finish(event: KeyboardEvent, { text, field, before }: Burst): void {
    event.preventDefault()
    event.stopImmediatePropagation()
    if (field && field.value !== before) {
      field.value = before
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }
    onScan(text)
  }

  useEventListener(window, 'keydown', onKey, { capture: true })
}

function eventTime({ timeStamp }: KeyboardEvent): number {
  return timeStamp
}

/** The character a key types; an input method in the way hides it, the key's place does not. */
function charOf({ key, code }: KeyboardEvent): string | null {
  if (key === 'Process' || key === 'Unidentified') {
    return /^(?:Digit|Numpad)(\d)$/.exec(code)?.[1] ?? /^Key([A-Z])$/.exec(code)?.[1] ?? null
  }
  return key.length === 1 ? key : null
}

function focusedField(): Field | null {
  const active = document.activeElement
  return active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement ? active : null
}
