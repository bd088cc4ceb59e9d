import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import {
  type BulkRequest,
  type CategoryFields,
  type LabelFields,
  type LabelKind,
  type ProductFields,
  type ProductQuery,
  catalog,
} from '../api/catalog'

export const catalogKeys = {
  all: ['catalog'] as const,
  products: ['catalog', 'products'] as const,
  page: (query: ProductQuery) => ['catalog', 'products', 'page', query] as const,
  product: (id: number) => ['catalog', 'products', id] as const,
  store: (id: number) => ['catalog', 'store', id] as const,
  categories: ['catalog', 'categories'] as const,
  brands: ['catalog', 'brands'] as const,
  units: ['catalog', 'units'] as const,
  tags: ['catalog', 'tags'] as const,
}

const fiveMinutes = 300_000

export const useProducts = (query: MaybeRefOrGetter<ProductQuery>) =>
  useQuery({
    queryKey: computed(() => catalogKeys.page(toValue(query))),
    queryFn: ({ signal }) => catalog.listProducts(toValue(query), signal),
    placeholderData: keepPreviousData,
  })

export const useStore = (id: MaybeRefOrGetter<number | undefined>) =>
  useQuery({
    queryKey: computed(() => catalogKeys.store(toValue(id) ?? 0)),
    queryFn: () => catalog.getStore(toValue(id) ?? 0),
    enabled: () => toValue(id) !== undefined,
    staleTime: fiveMinutes,
  })

export const useCategories = () =>
  useQuery({ queryKey: catalogKeys.categories, queryFn: catalog.listCategories, staleTime: fiveMinutes })

export const useBrands = () =>
  useQuery({ queryKey: catalogKeys.brands, queryFn: catalog.listBrands, staleTime: fiveMinutes })

export const useTags = () =>
  useQuery({ queryKey: catalogKeys.tags, queryFn: catalog.listTags, staleTime: fiveMinutes })

export const useUnits = () =>
  useQuery({ queryKey: catalogKeys.units, queryFn: catalog.listUnits, staleTime: fiveMinutes })

export const useProduct = (id: MaybeRefOrGetter<number | undefined>) =>
  useQuery({
    queryKey: computed(() => catalogKeys.product(toValue(id) ?? 0)),
    queryFn: () => catalog.getProduct(toValue(id) ?? 0),
    enabled: () => toValue(id) !== undefined,
  })

/** Brands, units or tags. */
export const useLabels = (kind: LabelKind) =>
  useQuery({ queryKey: catalogKeys[kind], queryFn: () => catalog.listLabels(kind), staleTime: fiveMinutes })

/** A call that changes goods or what describes them; afterwards all of it is asked anew. */
function useCatalogChange<Input, Output>(call: (input: Input) => Promise<Output>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSettled: () => void cache.invalidateQueries({ queryKey: catalogKeys.all }),
  })
}

export const useSaveProduct = () =>
  useCatalogChange(({ id, fields }: { id: number | undefined; fields: ProductFields }) =>
    id === undefined ? catalog.createProduct(fields) : catalog.changeProduct(id, fields),
  )

export const useSetPicture = () =>
  useCatalogChange(({ id, picture }: { id: number; picture: Blob | null }) =>
    picture ? catalog.setPicture(id, picture) : catalog.removePicture(id),
  )

export const useChangeInBulk = () => useCatalogChange((body: BulkRequest) => catalog.changeInBulk(body))
/** What a bulk change would do; nothing changes. */
export const previewBulk = (body: Omit<BulkRequest, 'preview'>) =>
  catalog.changeInBulk({ ...body, preview: true })

export const useSaveCategory = () =>
  useCatalogChange(({ id, fields }: { id: number | undefined; fields: CategoryFields }) =>
    id === undefined ? catalog.addCategory(fields) : catalog.changeCategory(id, fields),
  )

export const useRemoveCategory = () => useCatalogChange((id: number) => catalog.removeCategory(id))

export const useSaveLabel = (kind: LabelKind) =>
  useCatalogChange(({ id, fields }: { id: number | undefined; fields: LabelFields }) =>
    id === undefined ? catalog.addLabel(kind, fields) : catalog.changeLabel(kind, id, fields),
  )

export const useRemoveLabel = (kind: LabelKind) =>
  useCatalogChange((id: number) => catalog.removeLabel(kind, id))

export const productExportUrl = catalog.productExportUrl
export const pictureUrl = catalog.pictureUrl
export { bulkKinds } from '../api/catalog'
