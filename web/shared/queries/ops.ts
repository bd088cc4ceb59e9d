import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { type OperationQuery, ops } from '../api/ops'

export const opsKeys = {
  retention: ['ops', 'retention'] as const,
  operations: (query: OperationQuery) => ['ops', 'operations', query] as const,
}

export const useOperations = (query: MaybeRefOrGetter<OperationQuery>) =>
  useQuery({
    queryKey: computed(() => opsKeys.operations(toValue(query))),
    queryFn: ({ signal }) => ops.listOperations(toValue(query), signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })

export const useRetention = () => useQuery({ queryKey: opsKeys.retention, queryFn: ops.getRetention })

export const operationExportUrl = ops.operationExportUrl
