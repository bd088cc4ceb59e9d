/** An order that waits for its money: who pays how, and what is shown of it. */
import { ApiError } from '@/shared/api/errors'
import type { CardSlip, PayOrder, Payment } from '@/shared/api/payments'
import type { Order } from '@/shared/api/sales'

export type Way = 'cash' | 'code' | 'wechat' | 'alipay' | 'card'

/** What the cashier asks for. `amount_fen` is a part; all that is due when absent. */
export interface Ask {
  way: Way
  amount_fen?: number
  tendered_fen?: number
  code?: string
  card?: CardSlip
}

/** What the cashier is told in large words; each has its text under `pos.collect.state`. */
export type Stage =
  | 'placing'
  | 'asking'
  | 'paying'
  | 'user_paying'
  | 'scan'
  | 'unknown'
  | 'reversing'
  | 'differs'
  | 'declined'
  | 'reversed'
  | 'cancelling'
  | 'part_paid'
  | 'choose'

/** Codes on customers' phones: WeChat has 18 digits from 10 to 15, Alipay 16 to 24 from 25 to 30. */
export function isPaymentCode(text: string): boolean {
  return /^1[0-5]\d{16}$/.test(text) || /^(?:2[5-9]|30)\d{14,22}$/.test(text)
}

/** Whether there is something to send: a code and a card have to be read first. */
export function isComplete({ way, code, card }: Ask): boolean {
  return way === 'code' ? code !== undefined : way !== 'card' || card !== undefined
}

/** Cash for less than what is due is a part; more is given back. */
export function payBody(id: string, { way, amount_fen, tendered_fen, code, card }: Ask): PayOrder {
  return {
    id,
    method: way,
    ...(amount_fen !== undefined && { amount_fen }),
    ...(tendered_fen !== undefined && { tendered_fen }),
    ...(code !== undefined && { auth_code: code }),
    ...(card && { card }),
  }
}

export function dueFen(order: Pick<Order, 'total_fen' | 'paid_fen'>): number {
  return order.total_fen - order.paid_fen
}

/** Nobody is asked for the same money while a payment is like this. */
export function isUnderWay(payment: Payment | undefined): boolean {
  return payment?.status === 'pending' || payment?.status === 'unknown'
}

/** Cash that was taken and goes back to the customer when the order is given up. */
export function cashTaken(order: Order): number {
  const cash = order.payments.filter(({ method, status }) => method === 'cash' && status === 'succeeded')
  return cash.reduce((sum, { amount_fen }) => sum + amount_fen, 0)
}

/** An order that was refused while nobody looked. */
export function refusalOf(code = 'unexpected'): ApiError {
  return new ApiError({ status: 409, code, title: '', retryable: false, fields: [] })
}

export function stageOf(payment: Payment | undefined): Stage {
  switch (payment?.status) {
    case 'pending':
      if (payment.attempt?.qr) return 'scan'
      return payment.attempt?.state === 'user_paying' ? 'user_paying' : 'paying'
    case 'unknown':
      return payment.attempt?.state === 'reversing' || payment.attempt?.state === 'differs' ? payment.attempt.state : 'unknown'
    case 'declined':
      return 'declined'
    case 'reversed':
      return 'reversed'
    case 'succeeded':
      return 'part_paid'
    default:
      return 'choose'
  }
}
