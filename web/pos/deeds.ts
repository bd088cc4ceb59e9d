/** What a cashier did that is no sale: kept first, told to the server when it listens. */
import type { TillEvent, TillEventKind } from '@/shared/api/sales'
import { uuidv7 } from '@/shared/lib/uuid'
import { ApiError } from '@/shared/api/errors'
import { recordTillEvents } from '@/shared/queries/sales'
import type { TillDb } from './db'

const batch = 100

export class Deeds {
  constructor(private readonly db: TillDb) {}

  async record(kind: TillEventKind, detail = ''): Promise<void> {
    await this.db.put('deeds', { id: uuidv7(), kind, at: new Date().toISOString(), detail })
    await this.flush()
  }

  /** Sends what is kept; what cannot be sent, or not any more because the till is being closed, stays for the next time. */
  async flush(): Promise<void> {
    try {
      const items = await this.db.getAll('deeds', undefined, batch)
      if (items.length === 0) return
      await tell(items)
      const tx = this.db.transaction('deeds', 'readwrite')
      await Promise.all([...items.map(({ id }) => tx.store.delete(id)), tx.done])
    } catch {
      return
    }
  }
}

/** One that the server does not take as it is goes without its particulars, and holds up no other. */
async function tell(items: TillEvent[]): Promise<void> {
  try {
    await recordTillEvents(items)
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'invalid_request')) throw error
    if (items.length > 1) for (const item of items) await tell([item])
    else await recordTillEvents(items.map((item) => ({ ...item, detail: '' })))
  }
}
