import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { type ScaleRule, type StoreChange, catalog } from '../api/catalog'
import { catalogKeys } from './catalog'

export const storeKeys = {
  all: ['catalog', 'stores'] as const,
  rules: (id: number) => ['catalog', 'stores', id, 'scale-rules'] as const,
}

export const useStores = () => useQuery({ queryKey: storeKeys.all, queryFn: catalog.listStores })

export function useAddStore() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (body: Parameters<typeof catalog.addStore>[0]) => catalog.addStore(body),
    onSettled: () => cache.invalidateQueries({ queryKey: storeKeys.all }),
  })
}

export function useChangeStore() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, fields }: { id: number; fields: StoreChange }) => catalog.changeStore(id, fields),
    onSettled: (_data, _error, { id }) =>
      Promise.all([
        cache.invalidateQueries({ queryKey: storeKeys.all }),
        cache.invalidateQueries({ queryKey: catalogKeys.store(id) }),
      ]),
  })
}

export const useScaleRules = (id: MaybeRefOrGetter<number>) =>
  useQuery({
    queryKey: computed(() => storeKeys.rules(toValue(id))),
    queryFn: () => catalog.listScaleRules(toValue(id)),
  })

export function useReplaceScaleRules() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, items }: { id: number; items: ScaleRule[] }) => catalog.replaceScaleRules(id, items),
    onSettled: (_data, _error, { id }) => cache.invalidateQueries({ queryKey: storeKeys.rules(id) }),
  })
}
