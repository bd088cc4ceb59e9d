import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { type AdjustStock, type LedgerQuery, type StockQuery, inventory } from '../api/inventory'
import { catalogKeys } from './catalog'

export const inventoryKeys = {
  all: ['inventory'] as const,
  stock: (query: StockQuery) => ['inventory', 'stock', query] as const,
  ledger: (product: number, query: LedgerQuery) => ['inventory', 'ledger', product, query] as const,
  days: (product: number, days: number) => ['inventory', 'days', product, days] as const,
  reasons: ['inventory', 'reasons'] as const,
}

/** Rows carry the product's id as `id`, as tables want it. */
export const useStock = (query: MaybeRefOrGetter<StockQuery>) =>
  useQuery({
    queryKey: computed(() => inventoryKeys.stock(toValue(query))),
    queryFn: ({ signal }) => inventory.listStock(toValue(query), signal),
    select: (page) => ({ ...page, items: page.items.map((row) => ({ ...row, id: row.product_id })) }),
    placeholderData: keepPreviousData,
  })

export const useLedger = (product: MaybeRefOrGetter<number>, query: MaybeRefOrGetter<LedgerQuery>) =>
  useQuery({
    queryKey: computed(() => inventoryKeys.ledger(toValue(product), toValue(query))),
    queryFn: () => inventory.listLedger(toValue(product), toValue(query)),
    placeholderData: keepPreviousData,
  })

export const useStockDays = (product: MaybeRefOrGetter<number>, days: MaybeRefOrGetter<number>) =>
  useQuery({
    queryKey: computed(() => inventoryKeys.days(toValue(product), toValue(days))),
    queryFn: () => inventory.listDays(toValue(product), toValue(days)),
    placeholderData: keepPreviousData,
  })

export const useStockReasons = () =>
  useQuery({ queryKey: inventoryKeys.reasons, queryFn: inventory.listReasons, staleTime: Infinity })

/** Safe to send twice: the id in the body was made before the first try. */
export function useAdjustStock() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: AdjustStock) => inventory.adjust(body),
    // Not waited for: the answer is there, and a list that is slow to come must not hold it up.
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: inventoryKeys.all })
      void cache.invalidateQueries({ queryKey: catalogKeys.products })
    },
  })
}
