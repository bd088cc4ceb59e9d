/**
 * Sales on their way to the server. Promises: a sale is kept on disk before it is sent and is sent
 * for ever, across reloads and tabs, until the server has it; the same id makes it one sale. A sale
 * the server refuses waits in the tray for a person and holds up nothing.
 */
import { ApiError, OfflineError } from '@/shared/api/errors'
import { type Order, type PlaceOrder, sales } from '@/shared/api/sales'
import type { OutboxEntry, TillDb } from './db'

export type Outcome =
  | { kind: 'sold'; order: Order }
  | { kind: 'refused'; error: ApiError }
  | { kind: 'kept' }

export interface OutboxOptions {
  locks?: LockManager
  firstDelayMs?: number
  maxDelayMs?: number
  onChange?: () => void
  onConnection?: (reached: boolean) => void
}

type Attempt = Outcome | { kind: 'elsewhere' } | { kind: 'offline' }

export class Outbox {
  private delayMs = 0
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly db: TillDb,
    private readonly options: OutboxOptions = {},
  ) {}

  /** Keeps the sale, then tries to send it once; `kept` means it will be sent by itself. */
  async submit(order: PlaceOrder, about: { total_fen: number; items: number }): Promise<Outcome> {
    await this.db.put('outbox', { id: order.id, order, ...about, state: 'waiting', attempts: 0 })
    this.changed()
    const attempt = await this.attempt(order.id)
    if (attempt.kind === 'sold' || attempt.kind === 'refused') return attempt
    this.schedule()
    return { kind: 'kept' }
  }

  /** Sends everything that waits; plans the next try when something stays. */
  async flush(): Promise<void> {
    clearTimeout(this.timer)
    let left = false
    for (const { id, state } of await this.list()) {
      if (state !== 'waiting') continue
      const { kind } = await this.attempt(id)
      left ||= kind === 'kept' || kind === 'offline' || kind === 'elsewhere'
      if (kind === 'offline') break
    }
    if (left) this.schedule()
    else this.delayMs = 0
  }

  /** The network is back or somebody signed in: do not wait for the timer. */
  async wake(): Promise<void> {
    this.delayMs = 0
    await this.flush()
  }

  /** Everything not yet sold, oldest first. */
  list(): Promise<OutboxEntry[]> {
    return this.db.getAll('outbox')
  }

  /** Sends a refused sale again; at today's prices when `accept` says the customer's total no longer counts. */
  async resend(id: string, accept: 'same_total' | 'any_total'): Promise<void> {
    const entry = await this.db.get('outbox', id)
    if (!entry) return
    const order = { ...entry.order }
    if (accept === 'any_total') delete order.expect_total_fen
    await this.db.put('outbox', { ...entry, order, state: 'waiting', code: undefined })
    this.changed()
    await this.wake()
  }

  /** Gives up a refused sale: the server never had it. */
  async discard(id: string): Promise<void> {
    await this.db.delete('outbox', id)
    this.changed()
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private async attempt(id: string): Promise<Attempt> {
    const locks = this.options.locks
    if (!locks) return this.send(id)
    return locks.request(`aisle.order.${id}`, { ifAvailable: true }, (lock) =>
      lock ? this.send(id) : { kind: 'elsewhere' as const },
    )
  }

  private async send(id: string): Promise<Attempt> {
    const entry = await this.db.get('outbox', id)
    if (entry?.state !== 'waiting') return { kind: 'elsewhere' }
    try {
      const order = await sales.placeOrder(entry.order, AbortSignal.timeout(15_000))
      await this.db.delete('outbox', id)
      this.options.onConnection?.(true)
      return { kind: 'sold', order }
    } catch (error) {
      return await this.settle(entry, error)
    } finally {
      this.changed()
    }
  }

  private async settle(entry: OutboxEntry, error: unknown): Promise<Attempt> {
    const offline = error instanceof OfflineError || !(error instanceof ApiError)
    this.options.onConnection?.(!offline)
    if (!offline && isRefusal(error)) {
      await this.db.put('outbox', { ...entry, state: 'refused', code: error.code })
      return { kind: 'refused', error }
    }
    await this.db.put('outbox', { ...entry, attempts: entry.attempts + 1 })
    return { kind: offline ? 'offline' : 'kept' }
  }

  private schedule(): void {
    const { firstDelayMs = 1000, maxDelayMs = 60_000 } = this.options
    this.delayMs = Math.min(Math.max(this.delayMs * 2, firstDelayMs), maxDelayMs)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => void this.flush(), this.delayMs)
  }

  private changed(): void {
    this.options.onChange?.()
  }
}

/** A business no. A session that ended or a server in trouble is none: the sale stays on its way. */
function isRefusal({ problem }: ApiError): boolean {
  const passing = [401, 408, 425, 429]
  return problem.status < 500 && !problem.retryable && !passing.includes(problem.status)
}
