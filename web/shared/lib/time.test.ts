import { expect, it } from 'vitest'
import { dayStart, formatClock, formatDay, formatTime, localDay, parseDay } from './time'
import { uuidv7 } from './uuid'

it('shows the time of the store', () => {
  expect(formatTime('2026-11-22T08:15:30.123Z', 'Asia/Shanghai')).toBe('2026-11-22 16:15')
  expect(formatTime('2026-11-22T08:15:30.123Z', 'Asia/Shanghai', true)).toBe('2026-11-22 16:15:30')
  expect(formatClock('2026-11-22T18:05:00Z', 'Asia/Shanghai')).toBe('02:05')
})

it('reads and writes business days', () => {
  expect(formatDay(20261122)).toBe('2026-11-22')
  expect(parseDay('2026-11-22')).toBe(20261122)
  expect(parseDay('22.11.')).toBeNull()
})

it('makes ids that sort by time', () => {
  const id = uuidv7(0x01936d0e7b1a, new Uint8Array(10).fill(255))
  expect(id).toBe('01936d0e-7b1a-7fff-bfff-ffffffffffff')
  expect(uuidv7(1) < uuidv7(2)).toBe(true)
})

it('knows when a business day begins', () => {
  expect(dayStart('2026-11-22', 'Asia/Shanghai')).toBe('2026-11-21T16:00:00.000Z')
  expect(dayStart('2026-11-22', 'Asia/Shanghai', 4)).toBe('2026-11-21T20:00:00.000Z')
  expect(dayStart('2026-11-22', 'Asia/Shanghai', 0, 1)).toBe('2026-11-22T16:00:00.000Z')
  expect(dayStart('2026-11-22')).toMatch(/^2026-11-2[123]T/)
})

it('knows which day it is there', () => {
  expect(localDay(Date.parse('2026-11-22T17:00:00Z'), 'Asia/Shanghai')).toBe('2026-11-23')
})
