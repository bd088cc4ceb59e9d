import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError } from '@/shared/api/errors'
import { sales } from '@/shared/api/sales'
import { type TillDb, openTillDb } from './db'
import { Deeds } from './deeds'

let db: TillDb
let store = 700

beforeEach(async () => {
  db = await openTillDb((store += 1))
})
afterEach(() => db.close())

const kept = async () => (await db.getAll('deeds')).length

it('keeps what happened until the server has heard of it', async () => {
  const tell = vi.spyOn(sales, 'recordTillEvents').mockRejectedValue(new OfflineError())
  const deeds = new Deeds(db)
  await deeds.record('price_check', 'Cola')
  expect(await kept()).toBe(1)
  tell.mockResolvedValue(undefined)
  await deeds.record('sign_out')
  expect(tell.mock.lastCall?.[0].map(({ kind }) => kind)).toEqual(['price_check', 'sign_out'])
  expect(await kept()).toBe(0)
})

it('sends one that is not taken as it is without its particulars, and the others as they are', async () => {
  const heard: string[] = []
  vi.spyOn(sales, 'recordTillEvents').mockImplementation((items) => {
    const refusal = new ApiError({ status: 422, code: 'invalid_request', title: '', retryable: false, fields: [] })
    if (items.some(({ kind, detail }) => kind === 'lock' && detail === 'lunch')) return Promise.reject(refusal)
    heard.push(...items.map(({ kind, detail }) => `${kind} ${detail ?? ''}`))
    return Promise.resolve(undefined)
  })
  const at = new Date().toISOString()
  await db.put('deeds', { id: '1', kind: 'lock', at, detail: 'lunch' })
  await new Deeds(db).record('price_check', 'Cola')
  expect(heard.sort()).toEqual(['lock ', 'price_check Cola'])
  expect(await kept()).toBe(0)
})
