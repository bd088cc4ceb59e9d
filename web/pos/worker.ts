/**
 * The service worker that keeps the till's page on this device, so that it opens without a network.
 * Promises: a newer page is taken while the page loads, or when the till has been quiet between two
 * customers; never during a sale. Browsers allow a worker on https and localhost only; without one the
 * till works, but cannot be reloaded while the server is away.
 */
import { useIntervalFn, watchDebounced } from '@vueuse/core'
import { type Ref, ref, watch } from 'vue'

const hourMs = 3_600_000
const patienceMs = 3000
/** A scan on its way must not fall into the change of pages. */
const quietMs = 3000

/** What of `navigator.serviceWorker` is used here. */
type Workers = Pick<ServiceWorkerContainer, 'controller' | 'register'> & EventTarget

export class PageKeeper {
  /** A newer page is on this device and can be taken. */
  readonly newer = ref(false)
  private registration: ServiceWorkerRegistration | undefined
  private controlled = false

  constructor(
    private readonly workers: Workers | undefined,
    private readonly reload: () => void,
  ) {}

  /** Before the first paint. True when a newer page was waiting: this one is being replaced. */
  async start(): Promise<boolean> {
    if (!this.workers) return false
    this.controlled = this.workers.controller !== null
    const registering = this.register(this.workers)
    // The worker of before is known at once; a first one need not hold up the page.
    if (this.controlled) await registering
    if (!this.waits || !(await this.activate())) return false
    this.reload()
    return true
  }

  /** Asks whether the server has a newer page; what is found is fetched in the background. */
  async check(): Promise<void> {
    await this.registration?.update().catch(() => undefined)
  }

  async take(): Promise<void> {
    if (this.waits) await this.activate()
    this.reload()
  }

  private async register(workers: Workers): Promise<void> {
    try {
      this.registration = await workers.register('/sw.js', { scope: '/pos/' })
    } catch {
      return // what went wrong is in the browser's own log; the page works without
    }
    this.registration.addEventListener('updatefound', () => this.follow())
    this.follow()
    // Another tab has taken the newer page: this one is due as well.
    workers.addEventListener('controllerchange', () => (this.newer.value = this.controlled))
  }

  private get waits(): boolean {
    return this.controlled && !!this.registration?.waiting
  }

  private follow(): void {
    this.registration?.installing?.addEventListener('statechange', () => (this.newer.value ||= this.waits))
  }

  /** False when the waiting worker did not take over in time. */
  private activate(): Promise<boolean> {
    return new Promise((done) => {
      this.workers?.addEventListener('controllerchange', () => done(true), { once: true })
      setTimeout(() => done(false), patienceMs)
      this.registration?.waiting?.postMessage({ type: 'SKIP_WAITING' })
    })
  }
}

/** The development server has no worker. */
const workers = import.meta.env.PROD && 'serviceWorker' in navigator ? navigator.serviceWorker : undefined

export const pageKeeper = new PageKeeper(workers, () => window.location.reload())

/** Takes a newer page when nobody is being served; looks for one when the server is back, and every hour. */
export function useNewerPage(idle: () => boolean, online: Ref<boolean>, keeper = pageKeeper): void {
  watch(online, (is) => is && void keeper.check())
  useIntervalFn(() => void keeper.check(), hourMs)
  watchDebounced([keeper.newer, idle], () => keeper.newer.value && idle() && void keeper.take(), {
    debounce: quietMs,
    immediate: true,
  })
}
