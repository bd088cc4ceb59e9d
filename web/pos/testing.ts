/** Goods and databases for tests. */
import type { CatalogueDelta, Scan, TillProduct } from '@/shared/api/catalog'

export function aProduct(over: Partial<TillProduct> & { barcode?: string } = {}): TillProduct {
  const { barcode = '6900000000014', ...rest } = over
  return {
    id: 1,
    code: '100001',
    name: '商品',
    spec: '330ml',
    unit: '件',
    weighed: false,
    barcodes: [{ barcode, qty_milli: 1000, price_fen: null }],
    price_fen: 100,
    member_price_fen: null,
    mnemonic: 'sp',
    picture: null,
    category_id: null,
    ...rest,
  }
}

export function aScan(over: Partial<TillProduct>, scanned: Partial<Scan['scanned']>): Scan {
  const product = aProduct(over)
  return {
    ...product,
    short_name: '',
    unit_id: 1,
    cost_fen: null,
    state: 'active',
    barcode: null,
    barcodes: [],
    category_id: null,
    brand_id: null,
    tags: [],
    floor_price_fen: null,
    tax_rate_bp: 0,
    safety_stock_milli: 0,
    shelf_life_days: 0,
    supplier: '',
    qty_milli: 0,
    version: 1,
    updated_at: '2026-11-22T08:00:00Z',
    scanned: { barcode: '', kind: 'unit', qty_milli: 1000, unit_price_fen: product.price_fen, amount_fen: null, lot: null, expiry: null, ...scanned },
  }
}

export function aDelta(over: Partial<CatalogueDelta>): CatalogueDelta {
  return { version: 1, full: false, items: [], removed: [], next: null, ...over }
}
