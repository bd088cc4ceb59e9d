/**
 * The till's own copy of the goods: a scan is answered from memory, with or without a network.
 * Promises: copy and version change together; what a sync changed is answered, so that the basket
 * can follow. Scale labels and codes it does not know are the server's to read.
 */
import { type CatalogueDelta, type Scan, type TillProduct, catalog } from '@/shared/api/catalog'
import type { TillDb } from './db'

export interface Pack {
  barcode: string
  qty_milli: number
  price_fen: number | null
}

export interface Hit {
  product: TillProduct
  pack: Pack
}

interface Indexed {
  product: TillProduct
  name: string
  mnemonic: string
}

export class Catalogue {
  private readonly products = new Map<number, Indexed>()
  private readonly byBarcode = new Map<string, Hit>()
  private version = 0
  private running: Promise<TillProduct[]> | null = null

  constructor(private readonly db: TillDb) {}

  static async open(db: TillDb): Promise<Catalogue> {
    const catalogue = new Catalogue(db)
    const [products, version] = await Promise.all([db.getAll('products'), db.get('meta', 'version')])
    for (const product of products) catalogue.put(product)
    catalogue.version = version ?? 0
    return catalogue
  }

  get size(): number {
    return this.products.size
  }

  get(id: number): TillProduct | undefined {
    return this.products.get(id)?.product
  }

  /** The goods behind a scanned or typed barcode, when this copy knows them. */
  find(code: string): Hit | undefined {
    const text = code.replace(/^\][A-Za-z]\d/, '').trim()
    const upc = text.length === 12 ? `0${text}` : text.replace(/^0(?=\d{12}$)/, '')
    return this.byBarcode.get(text) ?? this.byBarcode.get(upc)
  }

  /** By name, pinyin, code or the end of a barcode; best first. */
  search(typed: string, limit = 8): TillProduct[] {
    const text = typed.trim().toLowerCase()
    if (text === '') return []
    const found: { rank: number; product: TillProduct }[] = []
    for (const each of this.products.values()) {
      const rank = rankOf(each, text)
      if (rank > 0) found.push({ rank, product: each.product })
    }
    found.sort((a, b) => b.rank - a.rank || a.product.name.length - b.product.name.length)
    return found.slice(0, limit).map(({ product }) => product)
  }

  /** Asks the server to read a code. */
  scan(barcode: string): Promise<Scan> {
    return catalog.scan(barcode)
  }

  /** Fetches what changed since the last time; answers the goods that are new or different. */
  sync(): Promise<TillProduct[]> {
    this.running ??= this.fetchChanges().finally(() => (this.running = null))
    return this.running
  }

  private async fetchChanges(): Promise<TillProduct[]> {
    const delta = await this.fetchPages()
    const tx = this.db.transaction(['products', 'meta'], 'readwrite')
    const kept = tx.objectStore('products')
    const writes: Promise<unknown>[] = []
    if (delta.full) writes.push(kept.clear())
    for (const id of delta.removed) writes.push(kept.delete(id))
    for (const product of delta.items) writes.push(kept.put(product))
    writes.push(tx.objectStore('meta').put(delta.version, 'version'), tx.done)
    await Promise.all(writes)

    if (delta.full) {
      this.products.clear()
      this.byBarcode.clear()
    }
    for (const id of delta.removed) this.drop(id)
    for (const product of delta.items) this.put(product)
    this.version = delta.version
    return delta.items
  }

  /** The version of the first page counts: what changed meanwhile comes with the next sync. */
  private async fetchPages(): Promise<CatalogueDelta> {
    const first = await catalog.getCatalogue(this.version)
    let { next } = first
    while (next !== null) {
      const page = await catalog.getCatalogue(this.version, next)
      first.items.push(...page.items)
      first.removed.push(...page.removed)
      next = page.next
    }
    return first
  }

  private put(product: TillProduct): void {
    this.drop(product.id)
    const { name, mnemonic } = product
    this.products.set(product.id, {
      product,
      name: name.toLowerCase(),
      mnemonic: mnemonic.toLowerCase(),
    })
    for (const pack of product.barcodes) this.byBarcode.set(pack.barcode, { product, pack })
  }

  private drop(id: number): void {
    const old = this.products.get(id)
    if (!old) return
    for (const { barcode } of old.product.barcodes) this.byBarcode.delete(barcode)
    this.products.delete(id)
  }
}

function rankOf({ product, name, mnemonic }: Indexed, text: string): number {
  if (product.code.toLowerCase() === text) return 6
  if (name.startsWith(text)) return 5
  if (mnemonic.startsWith(text)) return 4
  if (/^\d{3,}$/.test(text) && product.barcodes.some(({ barcode }) => barcode.endsWith(text))) return 3
  if (name.includes(text)) return 2
  return mnemonic.includes(text) || product.code.startsWith(text) ? 1 : 0
}
