import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import type { ListQuery } from '../api/http'
import {
  type BlindLine,
  type OrderQuery,
  type QuoteExchange,
  type ReturnLine,
  type RiskQuery,
  type TillEvent,
  type TillEventQuery,
  sales,
} from '../api/sales'

export const salesKeys = {
  orders: ['sales', 'orders'] as const,
  page: (query: OrderQuery) => ['sales', 'orders', 'page', query] as const,
  order: (id: string) => ['sales', 'orders', id] as const,
  receipt: (id: string, lang: string) => ['sales', 'receipt', id, lang] as const,
  returnQuote: (order: string, lines: readonly ReturnLine[]) => ['sales', 'return-quote', order, lines] as const,
  exchangeQuote: (order: string, body: QuoteExchange) => ['sales', 'exchange-quote', order, body] as const,
  blindQuote: (lines: readonly BlindLine[]) => ['sales', 'blind-quote', lines] as const,
  /** Below the orders, so that whatever happens to those is asked for here, too. */
  blindReturns: (query: ListQuery) => ['sales', 'orders', 'blind', query] as const,
  held: ['sales', 'held'] as const,
  today: ['sales', 'today'] as const,
  risk: (query: RiskQuery) => ['sales', 'risk', query] as const,
  tillEvents: (query: TillEventQuery) => ['sales', 'till-events', query] as const,
}

export const useOrders = (query: MaybeRefOrGetter<OrderQuery>) =>
  useQuery({
    queryKey: computed(() => salesKeys.page(toValue(query))),
    queryFn: () => sales.listOrders(toValue(query)),
    placeholderData: keepPreviousData,
  })

export const useOrder = (id: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => salesKeys.order(toValue(id))),
    queryFn: () => sales.getOrder(toValue(id)),
  })

export function useCancelOrder() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, reason }: { id: string; reason: string }) => sales.cancelOrder(id, reason),
    onSettled: () => cache.invalidateQueries({ queryKey: salesKeys.orders }),
  })
}

/** What a return of these lines would pay back; asks nothing while there are none. */
export const useReturnQuote = (order: MaybeRefOrGetter<string>, lines: MaybeRefOrGetter<ReturnLine[]>) =>
  useQuery({
    queryKey: computed(() => salesKeys.returnQuote(toValue(order), toValue(lines))),
    queryFn: ({ signal }) => sales.quoteReturn(toValue(order), toValue(lines), signal),
    enabled: computed(() => toValue(lines).length > 0),
    staleTime: 0,
    retry: false,
  })

export function useReturnGoods() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ order, body }: { order: string; body: Parameters<typeof sales.returnGoods>[1] }) =>
      sales.returnGoods(order, body),
    onSettled: () => cache.invalidateQueries({ queryKey: salesKeys.orders }),
  })
}

/** What an exchange would come to. */
export const useExchangeQuote = (order: MaybeRefOrGetter<string>, body: MaybeRefOrGetter<QuoteExchange>) =>
  useQuery({
    queryKey: computed(() => salesKeys.exchangeQuote(toValue(order), toValue(body))),
    queryFn: ({ signal }) => sales.quoteExchange(toValue(order), toValue(body), signal),
    staleTime: 0,
    retry: false,
  })

export function useExchangeGoods() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ order, body }: { order: string; body: Parameters<typeof sales.exchangeGoods>[1] }) =>
      sales.exchangeGoods(order, body),
    onSettled: () => cache.invalidateQueries({ queryKey: salesKeys.orders }),
  })
}

/** What goods are worth that come back without a receipt. */
export const useBlindQuote = (lines: MaybeRefOrGetter<BlindLine[]>) =>
  useQuery({
    queryKey: computed(() => salesKeys.blindQuote(toValue(lines))),
    queryFn: ({ signal }) => sales.quoteBlindReturn(toValue(lines), signal),
    staleTime: 0,
    retry: false,
  })

export function useReturnBlind() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, body }: { id: string; body: Parameters<typeof sales.returnBlind>[1] }) =>
      sales.returnBlind(id, body),
    onSettled: () => cache.invalidateQueries({ queryKey: salesKeys.orders }),
  })
}

export const useBlindReturns = (query: MaybeRefOrGetter<ListQuery>) =>
  useQuery({
    queryKey: computed(() => salesKeys.blindReturns(toValue(query))),
    queryFn: () => sales.listBlindReturns(toValue(query)),
    placeholderData: keepPreviousData,
  })

export const useGivePrice = () =>
  useMutation({
    mutationFn: ({ id, ...body }: { id: string; product_id: number; unit_price_fen: number; reason: string }) =>
      sales.givePrice(id, body),
  })

export const useToday = () =>
  useQuery({ queryKey: salesKeys.today, queryFn: sales.getToday, refetchInterval: 60_000 })

export const useReceipt = (id: MaybeRefOrGetter<string>, lang: MaybeRefOrGetter<string>) =>
  useQuery({
    queryKey: computed(() => salesKeys.receipt(toValue(id), toValue(lang))),
    queryFn: () => sales.getReceipt(toValue(id), { width: 58, lang: toValue(lang) }),
  })

export const useHeldBaskets = () =>
  useQuery({ queryKey: salesKeys.held, queryFn: sales.listHeldBaskets, staleTime: 0 })

export function useHoldBasket() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (basket: Parameters<typeof sales.holdBasket>[0]) => sales.holdBasket(basket),
    onSettled: () => cache.invalidateQueries({ queryKey: salesKeys.held }),
  })
}

export function useRecallBasket() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: (id: string) => sales.recallBasket(id),
    onSettled: () => cache.invalidateQueries({ queryKey: salesKeys.held }),
  })
}

export function usePrintReceipt() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ id, lang, drawer = false }: { id: string; lang: string; drawer?: boolean }) =>
      sales.printReceipt(id, { lang, open_drawer: drawer }),
    onSettled: () => cache.invalidateQueries({ queryKey: ['sales', 'receipt'] }),
  })
}

export const useRisk = (query: MaybeRefOrGetter<RiskQuery>) =>
  useQuery({
    queryKey: computed(() => salesKeys.risk(toValue(query))),
    queryFn: ({ signal }) => sales.getRisk(toValue(query), signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })

export const useTillEvents = (query: MaybeRefOrGetter<TillEventQuery>) =>
  useQuery({
    queryKey: computed(() => salesKeys.tillEvents(toValue(query))),
    queryFn: ({ signal }) => sales.listTillEvents(toValue(query), signal),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })

export const orderExportUrl = sales.orderExportUrl
export const findOrder = (no: string) => sales.listOrders({ no, limit: 1 }).then(({ items }) => items.at(0))
export const printBlindReturn = (id: string, lang: string) =>
  sales.printBlindReturn(id, { lang, open_drawer: true })
export const printReceipt = (id: string, lang: string) => sales.printReceipt(id, { lang, open_drawer: true })
export const printReturn = (id: string, lang: string) => sales.printReturn(id, { lang, open_drawer: true })
export const openDrawer = () => sales.openDrawer()
export const recordTillEvents = (items: TillEvent[]) => sales.recordTillEvents(items)
export const followEvents = (listeners: Parameters<typeof sales.followEvents>[0]) => sales.followEvents(listeners)
export { tillEventKinds } from '../api/sales'
