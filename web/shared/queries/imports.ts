import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import type { ListQuery } from '../api/http'
import { type Import, type ImportRowFilter, imports } from '../api/imports'
import { catalogKeys } from './catalog'

export const importKeys = {
  all: ['imports'] as const,
  page: (query: ListQuery) => ['imports', 'page', query] as const,
  one: (id: string) => ['imports', id] as const,
  rows: (id: string, query: object) => ['imports', id, 'rows', query] as const,
}

/** The server is at work on it; ask again soon. */
export function isRunning(one: Pick<Import, 'state'> | undefined): boolean {
  return one?.state === 'checking' || one?.state === 'applying'
}

export const useImports = (query: MaybeRefOrGetter<ListQuery>) =>
  useQuery({
    queryKey: computed(() => importKeys.page(toValue(query))),
    queryFn: () => imports.list(toValue(query)),
    refetchInterval: ({ state }) => (state.data?.items.some(isRunning) ? 1500 : false),
    placeholderData: keepPreviousData,
  })

export const useImport = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => importKeys.one(toValue(id))),
    queryFn: () => imports.get(toValue(id)),
    refetchInterval: ({ state }) => (isRunning(state.data) ? 500 : false),
  })

/** Rows carry their number in the sheet as `id`, as tables want it. */
export const useImportRows = (
  id: MaybeRefOrGetter<string>,
  query: MaybeRefOrGetter<ListQuery & { state?: ImportRowFilter }>,
  enabled: () => boolean,
) =>
  useQuery({
    queryKey: computed(() => importKeys.rows(toValue(id), toValue(query))),
    queryFn: () => imports.listRows(toValue(id), toValue(query)),
    select: (page) => ({ ...page, items: page.items.map((each) => ({ ...each, id: each.row })) }),
    enabled,
    placeholderData: keepPreviousData,
  })

function useImportAct<Input>(call: (input: Input) => Promise<Import>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSuccess: (one) => cache.setQueryData(importKeys.one(one.id), one),
    onSettled: () => {
      void cache.invalidateQueries({ queryKey: importKeys.all })
      void cache.invalidateQueries({ queryKey: catalogKeys.all })
    },
  })
}

export const useUploadImport = () => useImportAct(imports.upload)
export const useApplyImport = () => useImportAct(imports.apply)
export const useUndoImport = () => useImportAct(imports.undo)
export const failedRowsUrl = imports.failedUrl
