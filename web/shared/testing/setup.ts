import '@testing-library/jest-dom/vitest'
import { cleanup, configure } from '@testing-library/vue'
import { afterEach, vi } from 'vitest'

// Patient: the machine may be building something else meanwhile.
configure({ asyncUtilTimeout: 5000 })

// Element Plus watches sizes and media; jsdom has neither.
class NoSizes implements ResizeObserver {
  observe = vi.fn()
  unobserve = vi.fn()
  disconnect = vi.fn()
}

vi.stubGlobal('ResizeObserver', NoSizes)
vi.stubGlobal('matchMedia', (media: string) => {
  return Object.assign(new EventTarget(), { matches: false, media })
})

Element.prototype.scrollIntoView = vi.fn()
HTMLDialogElement.prototype.showModal = function showModal(this: HTMLDialogElement) {
  this.open = true
  this.querySelector<HTMLElement>('[autofocus]')?.focus()
}

afterEach(() => {
  cleanup()
  localStorage.clear()
})
