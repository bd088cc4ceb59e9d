/** Ways to pay, money under way and in doubt, and the channels it goes through. */
import { http, type ListQuery, type Page } from './http'
import type { Order } from './sales'
import type { Answer, Request } from './schema'

export type PayOrder = Request<'PayOrder'>
export type CardSlip = Request<'CardSlip'>
export type Attempt = Answer<'AttemptView'>
export type Refund = Answer<'RefundView'>
/** Cash has no attempt, and most payments no refunds. */
export type Payment = Omit<Answer<'PaymentView'>, 'attempt' | 'refunds'> & {
  attempt?: Attempt | null
  refunds?: Refund[]
}
export type DoubtRow = Answer<'DoubtRow'>
export type ChannelTest = Answer<'ChannelTest'>

export type ChannelName = 'wechat' | 'alipay'
export type Settings = Record<string, unknown>
export type Channel = Omit<Answer<'ChannelView'>, 'settings'> & { settings: Settings }
export type SetChannel = Omit<Request<'SetChannel'>, 'settings'> & { settings: Settings }

export interface PaymentQuery extends ListQuery {
  doubtful?: boolean
  method?: string
  amount_fen?: number
  from?: string
  to?: string
  tail?: string
}

export interface RefundQuery extends ListQuery {
  open?: boolean
}

export const payments = {
  listMethods: () => http.get<{ methods: string[] }>('/payment-methods'),
  pay: (order: string, body: PayOrder, signal?: AbortSignal) =>
    http.post<{ order: Order }>(`/orders/${order}/payments`, body, signal),
  check: (id: string) => http.post<unknown>(`/payments/${id}/check`),
  giveUp: (id: string) => http.post<unknown>(`/payments/${id}/give-up`),
  list: (query: PaymentQuery, signal?: AbortSignal) => http.get<Page<DoubtRow>>('/payments', query, signal),
  refund: (id: string) => http.post<Refund>(`/payments/${id}/refund`),
  listRefunds: (query: RefundQuery, signal?: AbortSignal) => http.get<Page<Refund>>('/refunds', query, signal),
  retryRefund: (id: string) => http.post<Refund>(`/refunds/${id}/retry`),
  settleRefund: (id: string, note: string) => http.post<Refund>(`/refunds/${id}/settle`, { note }),
  listChannels: () => http.get<{ items: Channel[] }>('/payment-channels'),
  setChannel: (channel: ChannelName, body: SetChannel) =>
    http.put<{ items: Channel[] }>(`/payment-channels/${channel}`, body),
  testChannel: (channel: ChannelName) => http.post<ChannelTest>(`/payment-channels/${channel}/test`),
}
