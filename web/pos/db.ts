/** What a till keeps when it is switched off: its copy of the goods, sales not yet taken by the server, deeds. */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import type { TillProduct } from '@/shared/api/catalog'
import type { PlaceOrder, TillEvent } from '@/shared/api/sales'

export interface OutboxEntry {
  id: string
  order: PlaceOrder
  total_fen: number
  items: number
  state: 'waiting' | 'refused'
  attempts: number
  /** Why the server refused it. */
  code?: string
}

interface TillSchema extends DBSchema {
  products: { key: number; value: TillProduct }
  meta: { key: string; value: number }
  outbox: { key: string; value: OutboxEntry }
  deeds: { key: string; value: TillEvent }
}

export type TillDb = IDBPDatabase<TillSchema>

/** One database for each store: a browser that changes store starts with an empty copy. */
export function openTillDb(storeId: number): Promise<TillDb> {
  return openDB<TillSchema>(`aisle-till-${storeId}`, 1, {
    upgrade(db) {
      db.createObjectStore('products', { keyPath: 'id' })
      db.createObjectStore('meta')
      db.createObjectStore('outbox', { keyPath: 'id' })
      db.createObjectStore('deeds', { keyPath: 'id' })
    },
  })
}
