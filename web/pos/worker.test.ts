import { beforeEach, expect, it, vi } from 'vitest'
import { effectScope, ref } from 'vue'
import { PageKeeper, useNewerPage } from './worker'

class FakeRegistration extends EventTarget {
  installing: EventTarget | null = null
  waiting: { postMessage: ReturnType<typeof vi.fn> } | null = null
  readonly update = vi.fn(() => Promise.resolve())
}

class FakeWorkers extends EventTarget {
  controller = {} as ServiceWorker | null
  readonly registration = new FakeRegistration()
  readonly register = vi.fn(() => Promise.resolve(this.registration as unknown as ServiceWorkerRegistration))

  /** A newer worker has everything and waits; told to go on, it takes over. */
  newWorkerWaits(): void {
    const takeOver = () => {
      this.registration.waiting = null
      this.dispatchEvent(new Event('controllerchange'))
    }
    this.registration.waiting = { postMessage: vi.fn(takeOver) }
  }

  /** The same while the page is open. */
  newWorkerArrives(): void {
    const worker = new EventTarget()
    this.registration.installing = worker
    this.registration.dispatchEvent(new Event('updatefound'))
    this.registration.installing = null
    this.newWorkerWaits()
    worker.dispatchEvent(new Event('statechange'))
  }
}

let workers: FakeWorkers
const reload = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  reload.mockReset()
  workers = new FakeWorkers()
  return () => vi.useRealTimers()
})

async function openPage(idle: () => boolean, online = ref(true)) {
  const keeper = new PageKeeper(workers, reload)
  const replaced = await keeper.start()
  effectScope().run(() => useNewerPage(idle, online, keeper))
  return { keeper, replaced }
}

it('looks after the till only', async () => {
  await openPage(() => true)
  expect(workers.register).toHaveBeenCalledWith('/sw.js', { scope: '/pos/' })
})

it('takes a newer page that was waiting when the page is loaded', async () => {
  workers.newWorkerWaits()
  const { replaced } = await openPage(() => false)
  expect(replaced).toBe(true)
  expect(reload).toHaveBeenCalledOnce()
})

it('opens the page it has when the newer one does not take over', async () => {
  workers.registration.waiting = { postMessage: vi.fn() }
  const opening = openPage(() => false)
  await vi.advanceTimersByTimeAsync(5000)
  expect((await opening).replaced).toBe(false)
  expect(reload).not.toHaveBeenCalled()
})

it('never takes a newer page during a sale, but after it', async () => {
  const selling = ref(true)
  await openPage(() => !selling.value)
  workers.newWorkerArrives()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload).not.toHaveBeenCalled()

  selling.value = false
  await vi.advanceTimersByTimeAsync(1000)
  selling.value = true
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload).not.toHaveBeenCalled()

  selling.value = false
  await vi.advanceTimersByTimeAsync(5000)
  expect(reload).toHaveBeenCalledOnce()
})

it('waits for the end of the sale when another tab takes the newer page', async () => {
  const selling = ref(true)
  await openPage(() => !selling.value)
  workers.dispatchEvent(new Event('controllerchange'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload).not.toHaveBeenCalled()
  selling.value = false
  await vi.advanceTimersByTimeAsync(5000)
  expect(reload).toHaveBeenCalledOnce()
})

it('does not reload for its very first worker', async () => {
  workers.controller = null
  await openPage(() => true)
  workers.newWorkerArrives()
  workers.dispatchEvent(new Event('controllerchange'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(reload).not.toHaveBeenCalled()
})

it('looks for a newer page when the server is back', async () => {
  const online = ref(false)
  await openPage(() => true, online)
  online.value = true
  await vi.advanceTimersByTimeAsync(0)
  expect(workers.registration.update).toHaveBeenCalledOnce()
})

it('works in browsers that allow no worker', async () => {
  const keeper = new PageKeeper(undefined, reload)
  expect(await keeper.start()).toBe(false)
  await keeper.check()
})
