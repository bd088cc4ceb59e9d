/** Orders, receipts, held baskets and what a till did that is no order. */
import { followEvents } from './events'
import { apiUrl, http, type ListQuery, type Page } from './http'
import type { Answer, Request } from './schema'

export type PlaceOrder = Request<'PlaceOrder'>
export type Order = Answer<'OrderView'>
export type OrderRow = Answer<'OrderRowView'>
export type OrderStatus = 'received' | 'paid' | 'cancelled' | 'partly_returned' | 'returned'

export interface OrderQuery extends ListQuery {
  no?: string
  customer?: string
  status?: OrderStatus
  channel?: string
  from?: string
  to?: string
  product?: number
  /** Goods by name, pinyin, code or digits of a barcode. */
  goods?: string
  total_min_fen?: number
  total_max_fen?: number
  member_tail?: string
  cashier?: string
  method?: string
  /** The till's number in its store. */
  terminal?: number
}

export type Today = Answer<'Today'>
export type Receipt = Answer<'ReceiptView'>
export type ReturnLine = Request<'ReturnLine'>
export type ReturnQuote = Answer<'ReturnQuote'>
export type ExchangeGoods = Request<'ExchangeGoods'>
export type QuoteExchange = Request<'QuoteExchange'>
export type BlindLine = Request<'BlindLine'>
export type BlindQuote = Answer<'BlindQuote'>
export type BlindReturn = Answer<'BlindReturnView'>
export type GivenPrice = Answer<'GivenPrice'>
export type HeldBasket = Answer<'HeldView'>

export const tillEventKinds = [
  'void_line',
  'void_basket',
  'drawer_open',
  'price_check',
  'reprint',
  'scan_unknown',
  'payment_attempt',
  'sign_in',
  'sign_out',
  'lock',
  'unlock',
  'switch',
] as const
export type TillEventKind = (typeof tillEventKinds)[number]
export type TillEvent = Request<'TillEvent'> & { kind: TillEventKind }

export type TillEventRow = Answer<'TillEventView'>

export interface TillEventQuery extends ListQuery {
  kind?: string
  actor?: string
  /** Identity of the device. */
  terminal?: string
  from?: string
  to?: string
  q?: string
}

export type Risk = Answer<'RiskView'>
export type RiskPerson = Risk['people'][number]

export interface RiskQuery {
  from: string
  to: string
}

export const sales = {
  placeOrder: (order: PlaceOrder, signal?: AbortSignal) => http.post<Order>('/orders', order, signal),
  listOrders: (query: OrderQuery) => http.get<Page<OrderRow>>('/orders', query),
  orderExportUrl: (query: OrderQuery & { format: 'xlsx' | 'csv'; lang: string }) => apiUrl('/orders/export', query),
  getOrder: (id: string) => http.get<Order>(`/orders/${id}`),
  cancelOrder: (id: string, reason: string) => http.post<Order>(`/orders/${id}/cancel`, { reason }),
  getReceipt: (id: string, query: { width: 58 | 80; lang: string }) =>
    http.get<Receipt>(`/orders/${id}/receipt`, query),
  printReceipt: (id: string, body: Request<'PrintReceipt'>) =>
    http.post<Answer<'Printed'>>(`/orders/${id}/print`, body),
  quoteReturn: (order: string, lines: ReturnLine[], signal?: AbortSignal) =>
    http.post<ReturnQuote>(`/orders/${order}/return-quote`, { lines }, signal),
  returnGoods: (order: string, body: Request<'ReturnGoods'>) => http.post<Order>(`/orders/${order}/returns`, body),
  quoteExchange: (order: string, body: QuoteExchange, signal?: AbortSignal) =>
    http.post<Answer<'ExchangeQuote'>>(`/orders/${order}/exchange-quote`, body, signal),
  exchangeGoods: (order: string, body: ExchangeGoods) =>
    http.post<Answer<'ExchangedView'>>(`/orders/${order}/exchanges`, body),
  quoteBlindReturn: (lines: BlindLine[], signal?: AbortSignal) =>
    http.post<BlindQuote>('/blind-return-quote', { lines }, signal),
  returnBlind: (id: string, body: Request<'ReturnBlind'>) => http.put<BlindReturn>(`/blind-returns/${id}`, body),
  listBlindReturns: (query: ListQuery) => http.get<Page<BlindReturn>>('/blind-returns', query),
  printBlindReturn: (id: string, body: Request<'PrintReceipt'>) =>
    http.post<Answer<'Printed'>>(`/blind-returns/${id}/print`, body),
  printReturn: (id: string, body: Request<'PrintReceipt'>) =>
    http.post<Answer<'Printed'>>(`/returns/${id}/print`, body),
  givePrice: (id: string, body: Request<'GivePrice'>) => http.put<GivenPrice>(`/price-overrides/${id}`, body),
  openDrawer: () => http.post<undefined>('/drawer/open'),
  listHeldBaskets: () => http.get<Page<HeldBasket>>('/held-baskets'),
  holdBasket: (basket: Request<'HoldBasket'>) => http.post<unknown>('/held-baskets', basket),
  recallBasket: (id: string) => http.post<HeldBasket>(`/held-baskets/${id}/recall`),
  recordTillEvents: (items: TillEvent[]) => http.post<unknown>('/till-events', { items }),
  listTillEvents: (query: TillEventQuery, signal?: AbortSignal) =>
    http.get<Page<TillEventRow>>('/till-events', query, signal),
  getRisk: (query: RiskQuery, signal?: AbortSignal) => http.get<Risk>('/risk', { ...query }, signal),
  getToday: () => http.get<Today>('/sales/today'),
  followEvents,
}
