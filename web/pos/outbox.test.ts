import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError } from '@/shared/api/errors'
import { type Order, type PlaceOrder, sales } from '@/shared/api/sales'
import { type TillDb, openTillDb } from './db'
import { Outbox } from './outbox'

let db: TillDb
let store = 100
let boxes: Outbox[] = []

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  db = await openTillDb((store += 1))
  boxes = []
})
afterEach(() => {
  for (const box of boxes) box.stop()
  db.close()
  vi.useRealTimers()
})

function open(): Outbox {
  const box = new Outbox(db)
  boxes.push(box)
  return box
}

function anOrder(id: string): PlaceOrder {
  return { id, channel: 'pos', lines: [], payments: [], expect_total_fen: 100 }
}

function refusal(code: string, status: number, retryable = false): ApiError {
  return new ApiError({ status, code, title: code, retryable, fields: [] })
}

const about = { total_fen: 100, items: 1 }
const sold = (order: PlaceOrder) => Promise.resolve({ id: order.id, no: `no-${order.id}` } as Order)

it('keeps the sale on disk before it sends', async () => {
  const place = vi.spyOn(sales, 'placeOrder').mockImplementation(async (order) => {
    expect(await db.get('outbox', 'a')).toMatchObject({ state: 'waiting', order })
    return sold(order)
  })
  expect(await open().submit(anOrder('a'), about)).toMatchObject({ kind: 'sold', order: { no: 'no-a' } })
  expect(place).toHaveBeenCalledOnce()
  expect(await db.count('outbox')).toBe(0)
})

it('sends for ever, the same request, across a reload', async () => {
  const place = vi.spyOn(sales, 'placeOrder').mockRejectedValue(new OfflineError())
  const first = open()
  expect(await first.submit(anOrder('a'), about)).toEqual({ kind: 'kept' })
  for (let tries = 2; tries <= 5; tries += 1) {
    await vi.advanceTimersByTimeAsync(60_000)
    await vi.waitFor(() => expect(place).toHaveBeenCalledTimes(tries))
  }
  first.stop()

  const second = open()
  place.mockImplementation(sold)
  await second.flush()
  expect(new Set(place.mock.calls.map(([order]) => JSON.stringify(order))).size).toBe(1)
  expect(await second.list()).toEqual([])
})

it.each([
  ['busy', refusal('busy', 503, true)],
  ['a session that ended', refusal('unauthenticated', 401)],
  ['too many requests', refusal('too_many_requests', 429, true)],
  ['a fault of the server', refusal('trouble', 500, true)],
])('%s is no refusal', async (_, error) => {
  vi.spyOn(sales, 'placeOrder').mockRejectedValue(error)
  const box = open()
  expect(await box.submit(anOrder('a'), about)).toEqual({ kind: 'kept' })
  expect(await box.list()).toMatchObject([{ state: 'waiting', attempts: 1 }])
})

it('puts a refused sale aside and sends the later ones', async () => {
  const place = vi.spyOn(sales, 'placeOrder').mockRejectedValue(new OfflineError())
  const box = open()
  await box.submit(anOrder('a'), about)
  await box.submit(anOrder('b'), about)
  place.mockImplementation((order) =>
    order.id === 'a' ? Promise.reject(refusal('price_changed', 409)) : sold(order),
  )
  await box.flush()
  expect(await box.list()).toMatchObject([{ id: 'a', state: 'refused', code: 'price_changed' }])
})

it('sends a refused sale again at the price of today, or gives it up', async () => {
  const place = vi.spyOn(sales, 'placeOrder').mockRejectedValue(refusal('price_changed', 409))
  const box = open()
  expect(await box.submit(anOrder('a'), about)).toMatchObject({ kind: 'refused' })
  await box.submit(anOrder('b'), about)
  place.mockImplementation(sold)
  await box.resend('a', 'any_total')
  expect(place.mock.lastCall?.[0]).not.toHaveProperty('expect_total_fen')
  await box.discard('b')
  expect(await box.list()).toEqual([])
})

it('lets one tab at a time send an order', async () => {
  const held = new Set<string>()
  const locks = {
    request: async (name: string, _: LockOptions, run: (lock: Lock | null) => Promise<unknown>) => {
      if (held.has(name)) return run(null)
      held.add(name)
      return run({ name, mode: 'exclusive' }).finally(() => held.delete(name))
    },
  } as unknown as LockManager
  const tabs = [new Outbox(db, { locks }), new Outbox(db, { locks })]
  boxes.push(...tabs)
  await db.put('outbox', { id: 'a', order: anOrder('a'), ...about, state: 'waiting', attempts: 0 })
  const place = vi.spyOn(sales, 'placeOrder').mockImplementation(sold)
  await Promise.all(tabs.map((tab) => tab.flush()))
  expect(place).toHaveBeenCalledOnce()
})
