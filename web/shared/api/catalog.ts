/** Goods, what describes them, and a till's copy of them. */
import type { CashRounding } from '../lib/money'
import { apiUrl, http, type ListQuery, type Page } from './http'

export interface Location {
  id: number
  kind: 'floor' | 'back' | 'transit'
  name: string
}

export interface Store {
  id: number
  code: string
  name: string
  phone: string
  address: string
  time_zone: string
  day_cutoff_hour: number
  rounding: CashRounding
  pos_negative_stock: boolean
  reservation_minutes: number
  receipt_footer: string
  locations: Location[]
}

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

export interface ProductBarcode {
  barcode: string
  kind: 'unit' | 'carton'
  qty_milli: number
  price_fen: number | null
  main: boolean
}

export interface Product {
  id: number
  code: string
  name: string
  short_name: string | null
  spec: string
  unit: string
  weighed: boolean
  barcode: string | null
  barcodes: ProductBarcode[]
  category_id: number | null
  brand_id: number | null
  tags: number[]
  price_fen: number
  member_price_fen: number | null
  floor_price_fen: number | null
  cost_fen?: number | null
  tax_rate_bp: number
  safety_stock_milli: number
  shelf_life_days: number | null
  supplier: string | null
  state: ProductState
  mnemonic: string
  picture: string | null
  qty_milli: number
  version: number
  updated_at: string
}

export interface ProductQuery extends ListQuery {
  q?: string
  category?: number
  brand?: number
  tag?: number
  state?: ProductState
  barcode?: string
  low_stock?: boolean
}

export interface Scan extends Product {
  scanned: {
    barcode: string
    kind: 'unit' | 'carton' | 'weighed' | 'priced' | 'gs1'
    qty_milli: number
    unit_price_fen: number
    amount_fen?: number | null
    lot?: string | null
    expiry?: string | null
  }
}

export interface TillProduct {
  id: number
  code: string
  name: string
  spec: string
  unit: string
  weighed: boolean
  barcodes: { barcode: string; qty_milli: number; price_fen: number | null }[]
  price_fen: number
  member_price_fen: number | null
  mnemonic: string
  picture: string | null
  state: ProductState
}

export interface CatalogueDelta {
  version: number
  full: boolean
  items: TillProduct[]
  removed: number[]
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
  getCatalogue: (since: number) => http.get<CatalogueDelta>('/catalogue', { since }),
  productExportUrl: (query: ProductQuery & { format: 'xlsx' | 'csv'; columns?: string }) =>
    apiUrl('/products/export', query),
  pictureUrl: (name: string) => apiUrl(`/pictures/${name}`),
}
