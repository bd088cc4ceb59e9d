import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { type ProductQuery, catalog } from '../api/catalog'

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

export const productExportUrl = catalog.productExportUrl
export const pictureUrl = catalog.pictureUrl
