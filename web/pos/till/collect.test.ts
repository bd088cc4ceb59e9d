import { expect, it } from 'vitest'
import type { Attempt, Payment } from '@/shared/api/payments'
import type { Order } from '@/shared/api/sales'
import { cashTaken, dueFen, isComplete, isPaymentCode, isUnderWay, payBody, stageOf } from './collect'

function payment(status: string, attempt: Partial<Attempt> | null = {}): Payment {
  return { id: 'p', method: 'wechat', status, amount_fen: 100, attempt } as Payment
}

it('tells customers’ codes from goods', () => {
  expect(['101234567890123456', '159999999999999999', '2512345678901234', '301234567890123456789012'].every(isPaymentCode)).toBe(true)
  const goods = ['6901234567892', '091234567890123456', '161234567890123456', '10123456789012345', '241234567890123456', '311234567890123456']
  expect(goods.filter(isPaymentCode)).toEqual([])
  expect(isPaymentCode('2512345678901234567890123')).toBe(false)
})

it('sends only what was given', () => {
  expect(payBody('1', { way: 'wechat' })).toEqual({ id: '1', method: 'wechat' })
  expect(payBody('1', { way: 'code', code: '101234567890123456', amount_fen: 50 })).toEqual({
    id: '1',
    method: 'code',
    amount_fen: 50,
    auth_code: '101234567890123456',
  })
  expect(payBody('1', { way: 'cash', tendered_fen: 1000 })).toEqual({ id: '1', method: 'cash', tendered_fen: 1000 })
})

it('waits for a code or a slip before it asks for money', () => {
  expect([isComplete({ way: 'code' }), isComplete({ way: 'card' })]).toEqual([false, false])
  expect([isComplete({ way: 'alipay' }), isComplete({ way: 'code', code: '1' })]).toEqual([true, true])
})

it('says where a payment stands', () => {
  expect(stageOf(undefined)).toBe('choose')
  expect(stageOf(payment('pending', { state: 'dispatched', qr: null }))).toBe('paying')
  expect(stageOf(payment('pending', { state: 'user_paying', qr: null }))).toBe('user_paying')
  expect(stageOf(payment('pending', { state: 'user_paying', qr: 'weixin://x' }))).toBe('scan')
  expect(stageOf(payment('unknown', { state: 'unknown' }))).toBe('unknown')
  expect(stageOf(payment('unknown', { state: 'differs' }))).toBe('differs')
  expect(stageOf(payment('unknown', { state: 'reversing' }))).toBe('reversing')
  expect(stageOf(payment('succeeded'))).toBe('part_paid')
  expect(stageOf(payment('declined'))).toBe('declined')
  expect([payment('pending'), payment('unknown'), payment('declined')].map(isUnderWay)).toEqual([true, true, false])
})

it('counts what is due and what cash goes back', () => {
  const payments = [
    { ...payment('succeeded', null), method: 'cash' },
    { ...payment('declined'), method: 'cash' },
    payment('succeeded'),
  ]
  const order = { total_fen: 500, paid_fen: 200, payments } as Order
  expect([dueFen(order), cashTaken(order)]).toEqual([300, 100])
})
