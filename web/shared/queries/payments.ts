import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { type MaybeRefOrGetter, computed, toValue } from 'vue'
import { type ChannelName, type PaymentQuery, type RefundQuery, type SetChannel, payments } from '../api/payments'
import { sales } from '../api/sales'
import { salesKeys } from './sales'

export const paymentKeys = {
  money: ['payments', 'money'] as const,
  page: (query: PaymentQuery) => ['payments', 'money', 'page', query] as const,
  refunds: (query: RefundQuery) => ['payments', 'money', 'refunds', query] as const,
  methods: ['payments', 'methods'] as const,
  channels: ['payments', 'channels'] as const,
}

const minute = 60_000

/** How customers can pay here; a till asks again now and then. */
export const usePaymentMethods = () =>
  useQuery({
    queryKey: paymentKeys.methods,
    queryFn: payments.listMethods,
    select: ({ methods }) => methods,
    refetchInterval: 5 * minute,
  })

export const usePayments = (query: MaybeRefOrGetter<PaymentQuery>, enabled: () => boolean = () => true) =>
  useQuery({
    queryKey: computed(() => paymentKeys.page(toValue(query))),
    queryFn: ({ signal }) => payments.list(toValue(query), signal),
    placeholderData: keepPreviousData,
    refetchInterval: minute,
    enabled,
  })

export const useRefunds = (query: MaybeRefOrGetter<RefundQuery>) =>
  useQuery({
    queryKey: computed(() => paymentKeys.refunds(toValue(query))),
    queryFn: ({ signal }) => payments.listRefunds(toValue(query), signal),
    placeholderData: keepPreviousData,
    refetchInterval: minute,
  })

function useMoneyDeed<Input, Output>(call: (input: Input) => Promise<Output>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: paymentKeys.money }),
        cache.invalidateQueries({ queryKey: salesKeys.orders }),
      ]),
  })
}

export const useCheckPayment = () => useMoneyDeed((id: string) => payments.check(id))
export const useGiveUpPayment = () => useMoneyDeed((id: string) => payments.giveUp(id))
export const useRefundPayment = () => useMoneyDeed((id: string) => payments.refund(id))
export const useRetryRefund = () => useMoneyDeed((id: string) => payments.retryRefund(id))
export const useSettleRefund = () =>
  useMoneyDeed(({ id, note }: { id: string; note: string }) => payments.settleRefund(id, note))

export const useChannels = () =>
  useQuery({ queryKey: paymentKeys.channels, queryFn: payments.listChannels, select: ({ items }) => items })

export function useSetChannel() {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: ({ channel, body }: { channel: ChannelName; body: SetChannel }) => payments.setChannel(channel, body),
    onSuccess: (list) => cache.setQueryData(paymentKeys.channels, list),
  })
}

export const useTestChannel = () => useMutation({ mutationFn: (channel: ChannelName) => payments.testChannel(channel) })

/** What a till does with an order that waits for its money. */
export const collecting = {
  pay: (order: string, body: Parameters<typeof payments.pay>[1]) =>
    payments.pay(order, body, AbortSignal.timeout(45_000)),
  check: (id: string) => payments.check(id),
  giveUp: (id: string) => payments.giveUp(id),
  read: (order: string) => sales.getOrder(order),
  cancel: (order: string, reason: string) => sales.cancelOrder(order, reason),
}
