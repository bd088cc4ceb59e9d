import 'fake-indexeddb/auto'
import { beforeEach, expect, it, vi } from 'vitest'
import { OfflineError } from '@/shared/api/errors'
import { catalog } from '@/shared/api/catalog'
import { Catalogue } from './catalogue'
import { type TillDb, openTillDb } from './db'
import { aDelta, aProduct } from './testing'

let db: TillDb
let store = 200

const cola = aProduct({ id: 1, code: '10001', name: '可口可乐', mnemonic: 'kkkl', barcode: '6901234567892' })
const soap = aProduct({ id: 2, code: '10002', name: '香皂', mnemonic: 'xz', barcode: '0036000291452' })

beforeEach(async () => {
  db = await openTillDb((store += 1))
})

it('loads everything once, then only what changed, and remembers it', async () => {
  const fetch = vi.spyOn(catalog, 'getCatalogue')
  fetch.mockResolvedValueOnce(aDelta({ version: 5, full: true, items: [cola, soap] }))
  const catalogue = await Catalogue.open(db)
  await catalogue.sync()
  expect(fetch).toHaveBeenLastCalledWith(0)

  fetch.mockResolvedValueOnce(aDelta({ version: 6, items: [{ ...cola, price_fen: 350 }], removed: [2] }))
  expect(await catalogue.sync()).toMatchObject([{ id: 1, price_fen: 350 }])
  expect(fetch).toHaveBeenLastCalledWith(5)

  const reopened = await Catalogue.open(db)
  expect(reopened.size).toBe(1)
  expect(reopened.find('6901234567892')?.product.price_fen).toBe(350)
  expect(reopened.find('0036000291452')).toBeUndefined()
})

it('goes on with its copy when the server is away', async () => {
  vi.spyOn(catalog, 'getCatalogue')
    .mockResolvedValueOnce(aDelta({ version: 5, full: true, items: [cola] }))
    .mockRejectedValueOnce(new OfflineError())
  const catalogue = await Catalogue.open(db)
  await catalogue.sync()
  await expect(catalogue.sync()).rejects.toBeInstanceOf(OfflineError)
  expect(catalogue.find('6901234567892')?.product.name).toBe('可口可乐')
})

it('forgets barcodes a product no longer has', async () => {
  vi.spyOn(catalog, 'getCatalogue')
    .mockResolvedValueOnce(aDelta({ full: true, items: [cola] }))
    .mockResolvedValueOnce(aDelta({ version: 2, items: [{ ...cola, barcodes: [] }] }))
  const catalogue = await Catalogue.open(db)
  await catalogue.sync()
  await catalogue.sync()
  expect(catalogue.find('6901234567892')).toBeUndefined()
})

it('finds by barcode in any of its writings, by name, pinyin, code and last digits', async () => {
  vi.spyOn(catalog, 'getCatalogue').mockResolvedValueOnce(aDelta({ full: true, items: [cola, soap] }))
  const catalogue = await Catalogue.open(db)
  await catalogue.sync()
  expect(catalogue.find(']E06901234567892')?.product.id).toBe(1)
  expect(catalogue.find('036000291452')?.product.id).toBe(2)
  for (const [text, id] of [['可口', 1], ['KKKL', 1], ['10002', 2], ['7892', 1], ['皂', 2]] as const) {
    expect(catalogue.search(text)[0]?.id).toBe(id)
  }
  expect(catalogue.search('没有')).toEqual([])
})
