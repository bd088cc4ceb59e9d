/** What a cashier did that is no sale: kept first, told to the server when it listens. */
import type { TillEventKind } from '@/shared/api/sales'
import { uuidv7 } from '@/shared/lib/uuid'
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
      await recordTillEvents(items)
      const tx = this.db.transaction('deeds', 'readwrite')
      await Promise.all([...items.map(({ id }) => tx.store.delete(id)), tx.done])
    } catch {
      return
    }
  }
}
