import { render } from '@testing-library/vue'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { defineComponent, h } from 'vue'
import { useScanner } from './useScanner'

const onScan = vi.fn<(code: string) => void>()
const onInput = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  onScan.mockReset()
  onInput.mockReset()
  const Till = defineComponent({
    setup() {
      useScanner({ onScan, now: () => Date.now() })
      return () => h('input', { 'aria-label': 'field', onInput })
    },
  })
  render(Till)
})
afterEach(() => vi.useRealTimers())

function field(): HTMLInputElement {
  const input = document.querySelector('input')
  if (!input) throw new Error('no field')
  return input
}

/** Types like a keyboard: the key first, then its character appears in the focused field. */
function press(key: string, gapMs: number, init: KeyboardEventInit = {}): KeyboardEvent {
  vi.advanceTimersByTime(gapMs)
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...init })
  const target = document.activeElement ?? document.body
  target.dispatchEvent(event)
  if (key.length === 1 && target instanceof HTMLInputElement) target.value += key
  return event
}

function type(text: string, gapMs: number): void {
  for (const key of text) press(key, gapMs)
}

it('takes a burst that ends with Enter', () => {
  type('6901234567892', 10)
  const enter = press('Enter', 10)
  expect(onScan).toHaveBeenCalledExactlyOnceWith('6901234567892')
  expect(enter.defaultPrevented).toBe(true)
})

it('takes a burst that ends with Tab, and capitals', () => {
  press('Shift', 100)
  type('AB12CD', 20)
  press('Tab', 20)
  expect(onScan).toHaveBeenCalledExactlyOnceWith('AB12CD')
})

it('gives the field back as it was', () => {
  field().focus()
  type('12', 200)
  vi.advanceTimersByTime(200)
  type('6901234567892', 10)
  press('Enter', 10)
  expect(onScan).toHaveBeenCalledOnce()
  expect(field().value).toBe('12')
  expect(onInput).toHaveBeenCalledOnce()
})

it.each([
  ['slow typing', '6901234567892', 120],
  ['a short burst', '12345', 10],
])('leaves %s alone', (_, text, gapMs) => {
  field().focus()
  type(text, gapMs)
  const enter = press('Enter', gapMs)
  expect(onScan).not.toHaveBeenCalled()
  expect(enter.defaultPrevented).toBe(false)
  expect(field().value).toBe(text)
})

it('is not fooled by a late Enter or a key held down', () => {
  type('6901234567892', 10)
  press('Enter', 500)
  for (let i = 0; i < 20; i += 1) press('1', 30, { repeat: true })
  press('Enter', 30)
  expect(onScan).not.toHaveBeenCalled()
})

it('reads digits behind an input method', () => {
  for (const digit of '69012345') press('Process', 10, { code: `Digit${digit}` })
  press('Enter', 10)
  expect(onScan).toHaveBeenCalledExactlyOnceWith('69012345')
})
