import { StorageSerializers, useLocalStorage } from '@vueuse/core'
import type { Line } from './basket'

/** What a reload has to find again: an order whose money is still coming in. */
export interface OpenOrder {
  id: string
  lines: Line[]
  /** The payment asked for last. */
  payment: string | null
}

/** Written at once, before anything is sent. Each tab goes on with its own. */
export function useOpenOrder(storeId: number) {
  return useLocalStorage<OpenOrder | null>(`aisle.collecting.${storeId}`, null, {
    serializer: StorageSerializers.object,
    listenToStorageChanges: false,
    flush: 'sync',
  })
}
