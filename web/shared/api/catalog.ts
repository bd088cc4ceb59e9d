/** Goods, what describes them, and a till's copy of them. */
import { apiUrl, http, type ListQuery, type Page } from './http'
import type { Answer, Request } from './schema'

export type Store = Answer<'StoreView'>
export type StoreChange = Request<'StoreChange'>
export type ScaleRule = Answer<'ScaleRuleView'>
export type ProductFields = Request<'ProductFields'>
export type PackBarcode = Answer<'BarcodeView'>
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

export const bulkKinds = [
  'price_set',
  'price_add',
  'price_percent',
  'member_price_percent',
  'state',
  'category',
  'safety_stock',
] as const
export type BulkKind = (typeof bulkKinds)[number]
export interface BulkRequest {
  ids: number[]
  change: { kind: BulkKind; value: string | number | null }
  preview: boolean
}

export interface BulkItem {
  id: number
  name: string
  before: string | number | null
  after: string | number | null
  problem: BulkProblem | null
}

/** The first two refuse the whole change, the others only warn. */
export type BulkProblem = 'negative' | 'too_high' | 'below_cost' | 'below_floor'

/** The three short lists that describe goods, served alike. */
export type LabelKind = 'brands' | 'units' | 'tags'
export interface Label {
  id: number
  name: string
  products?: number
  weighed?: boolean
  color?: string
}
export type LabelFields = Partial<Omit<Label, 'id' | 'products'>>
export type CategoryFields = Partial<Pick<Category, 'name' | 'parent_id' | 'sort'>>

export const catalog = {
  listStores: () => http.get<Page<Store>>('/stores'),
  addStore: (body: Request<'AddStore'>) => http.post<Store>('/stores', body),
  changeStore: (id: number, body: StoreChange) => http.patch<Store>(`/stores/${id}`, body),
  listScaleRules: (id: number) => http.get<{ items: ScaleRule[] }>(`/stores/${id}/scale-rules`),
  replaceScaleRules: (id: number, items: ScaleRule[]) =>
    http.put<{ items: ScaleRule[] }>(`/stores/${id}/scale-rules`, { items }),
  addCategory: (body: CategoryFields) => http.post<Category>('/categories', body),
  changeCategory: (id: number, body: CategoryFields) => http.patch<Category>(`/categories/${id}`, body),
  removeCategory: (id: number) => http.delete(`/categories/${id}`),
  listLabels: (kind: LabelKind) => http.get<Page<Label>>(`/${kind}`, { limit: 500 }),
  addLabel: (kind: LabelKind, body: LabelFields) => http.post<Label>(`/${kind}`, body),
  changeLabel: (kind: LabelKind, id: number, body: LabelFields) =>
    http.patch<Label>(`/${kind}/${id}`, body),
  removeLabel: (kind: LabelKind, id: number) => http.delete(`/${kind}/${id}`),
  createProduct: (body: ProductFields) => http.post<Product>('/products', body),
  changeProduct: (id: number, body: ProductFields) => http.patch<Product>(`/products/${id}`, body),
  changeInBulk: (body: BulkRequest) =>
    http.post<{ items: BulkItem[]; applied: number }>('/products/bulk', body),
  setPicture: (id: number, picture: Blob) => http.put<Product>(`/products/${id}/picture`, picture),
  removePicture: (id: number) => http.delete(`/products/${id}/picture`),
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
  productExportUrl: (query: ProductQuery & { format: 'xlsx' | 'csv'; columns?: string; lang: string }) =>
    apiUrl('/products/export', query),
  pictureUrl: (name: string) => apiUrl(`/pictures/${name}`),
}
