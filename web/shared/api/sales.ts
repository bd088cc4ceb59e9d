/** Orders, receipts, held baskets and what a till did that is no order. */
import { apiUrl, http, type ListQuery, type Page } from './http'

export interface PlaceOrder {
  id: string
  channel: 'pos'
  lines: { barcode?: string; product_id?: number; qty_milli?: number }[]
  payments: { method: 'cash'; tendered_fen: number }[]
  sold_at?: string
  expect_total_fen?: number
}

export type OrderStatus = 'received' | 'paid' | 'cancelled'

export interface OrderLine {
  product_id: number
  name: string
  barcode: string | null
  qty_milli: number
  unit_price_fen: number
  discount_fen: number
  amount_fen: number
}

export interface OrderPayment {
  id: string
  method: string
  status: string
  amount_fen: number
  tendered_fen?: number | null
  change_fen?: number | null
}

export interface OrderRow {
  id: string
  no: string
  status: OrderStatus
  channel: string
  store_id: number
  business_day: number
  total_fen: number
  discount_fen: number
  rounding_fen: number
  change_fen: number
  created_at: string
}

export interface OrderEvent {
  seq: number
  kind: string
  at: string
  actor: string | null
  reason: string | null
}

export interface Order extends OrderRow {
  lines: OrderLine[]
  payments: OrderPayment[]
  events?: OrderEvent[]
}

export interface OrderQuery extends ListQuery {
  no?: string
  customer?: string
  status?: OrderStatus
  channel?: string
  from?: string
  to?: string
  product?: number
  terminal?: number
}

export interface ReceiptRow {
  text: string
  align: 'left' | 'center' | 'right'
  bold: boolean
  size: number
}

export interface Receipt {
  rows: ReceiptRow[]
  qr: string | null
  escpos_base64: string
  reprints: number
}

export interface HeldBasket {
  id: string
  note: string
  total_fen: number
  lines: { product_id: number; barcode?: string | null; qty_milli: number }[]
}

export interface HeldBasketRow extends HeldBasket {
  created_at?: string
  terminal?: string | null
  cashier?: string | null
}

export type TillEventKind = 'void_line' | 'void_basket' | 'drawer_open' | 'price_check' | 'reprint'

export interface TillEvent {
  id: string
  kind: TillEventKind
  at: string
  detail: Record<string, unknown>
}

export const sales = {
  placeOrder: (order: PlaceOrder, signal?: AbortSignal) => http.post<Order>('/orders', order, signal),
  listOrders: (query: OrderQuery) => http.get<Page<OrderRow>>('/orders', query),
  getOrder: (id: string) => http.get<Order>(`/orders/${id}`),
  cancelOrder: (id: string, reason: string) => http.post<Order>(`/orders/${id}/cancel`, { reason }),
  getReceipt: (id: string, query: { width: 58 | 80; lang: string }) =>
    http.get<Receipt>(`/orders/${id}/receipt`, query),
  printReceipt: (id: string, body: { width?: 58 | 80; open_drawer?: boolean }) =>
    http.post<{ printed: boolean; reprints: number }>(`/orders/${id}/print`, body),
  listHeldBaskets: () => http.get<Page<HeldBasketRow>>('/held-baskets'),
  holdBasket: (basket: HeldBasket) => http.post<unknown>('/held-baskets', basket),
  recallBasket: (id: string) => http.post<HeldBasket>(`/held-baskets/${id}/recall`),
  recordTillEvents: (items: TillEvent[]) => http.post<unknown>('/till-events', { items }),
  eventsUrl: () => apiUrl('/events'),
}
