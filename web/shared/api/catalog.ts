/** Goods, what describes them, and a till's copy of them. */
import { apiUrl, http, type ListQuery, type Page } from './http'
import type { Answer } from './schema'

export type Store = Answer<'StoreView'>
export type Product = Answer<'ProductView'>
export type Scan = Answer<'ScanView'>
export type TillProduct = Answer<'TillProduct'>
export type CatalogueDelta = Answer<'CatalogueView'>

export interface Category {
  id: number
  parent_id: number | null
  name: string
  sort: number
  products: number
}

export interface Brand {
  id: number
  name: string
  products: number
}

export interface Unit {
  id: number
  name: string
  weighed: boolean
}

export interface Tag {
  id: number
  name: string
  color: string
}

export type ProductState = 'new' | 'active' | 'no_purchase' | 'no_sale' | 'retired'

export interface ProductQuery extends ListQuery {
  q?: string
  category?: number
  brand?: number
  tag?: number
  state?: ProductState
  barcode?: string
  low_stock?: boolean
}

export const catalog = {
  getStore: (id: number) => http.get<Store>(`/stores/${id}`),
  listCategories: () => http.get<{ items: Category[] }>('/categories'),
  listBrands: () => http.get<Page<Brand>>('/brands', { limit: 500 }),
  listUnits: () => http.get<Page<Unit>>('/units', { limit: 500 }),
  listTags: () => http.get<Page<Tag>>('/tags', { limit: 500 }),
  listProducts: (query: ProductQuery, signal?: AbortSignal) =>
    http.get<Page<Product>>('/products', query, signal),
  getProduct: (id: number) => http.get<Product>(`/products/${id}`),
  scan: (barcode: string, signal?: AbortSignal) =>
    http.get<Scan>(`/products/by-barcode/${encodeURIComponent(barcode)}`, undefined, signal),
  getCatalogue: (since: number, cursor?: string) =>
    http.get<CatalogueDelta>('/catalogue', { since, cursor }),
  productExportUrl: (query: ProductQuery & { format: 'xlsx' | 'csv'; columns?: string }) =>
    apiUrl('/products/export', query),
  pictureUrl: (name: string) => apiUrl(`/pictures/${name}`),
}
