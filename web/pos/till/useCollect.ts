/**
 * Money for an order by parts and by ways that take time. Promises: the order and the payment under way are kept
 * before anything is sent, so a reload finds them again; a payment that may have been sent is sent again under its
 * own id only; nobody is asked for the same money twice.
 */
import { useIntervalFn } from '@vueuse/core'
import { computed, ref, shallowRef } from 'vue'
import { type ApiError, errorCode, isUnreachable } from '@/shared/api/errors'
import type { PayOrder } from '@/shared/api/payments'
import type { Order, PlaceOrder } from '@/shared/api/sales'
import { uuidv7 } from '@/shared/lib/uuid'
import { collecting } from '@/shared/queries/payments'
import type { TillData } from '../useTillData'
import { type Line, orderLines } from './basket'
import { type Ask, type Stage, cashTaken, dueFen, isComplete, isUnderWay, payBody, refusalOf, stageOf } from './collect'
import { useOpenOrder } from './openOrder'
import { play } from './sounds'
import type { BasketState } from './useBasket'

interface Parts {
  storeId: number
  data: TillData
  basket: BasketState
  onPaid: (order: Order) => void
  onRefused: (refused: { id: string; error: ApiError; lines: Line[] }) => void
  /** The order was given up; so much cash goes back to the customer. */
  onCancelled: (cashBackFen: number) => void
}

export function useCollect({ storeId, data, basket, onPaid, onRefused, onCancelled }: Parts) {
  const open = useOpenOrder(storeId)
  const order = shallowRef<Order | null>(null)
  const step = ref<'placing' | 'asking' | 'cancelling' | null>(null)
  /** The server is not reached; it goes on by itself. */
  const cut = ref(false)
  const error = shallowRef<unknown>(null)
  /** How the customer wants to pay, while a code or a card is still to be read. */
  const asked = shallowRef<Ask | null>(null)
  let request: PayOrder | null = null
  /** A call is under way: nothing else is sent meanwhile. */
  const under = { busy: false, looking: false }

  const payment = computed(() => order.value?.payments.find(({ id }) => id === open.value?.payment))
  const due_fen = computed(() => (order.value ? dueFen(order.value) : 0))
  const stage = computed<Stage>(() => step.value ?? (order.value ? stageOf(payment.value) : 'placing'))
  /** Whether another payment may be asked for. */
  const free = computed(() => order.value !== null && step.value === null && !isUnderWay(payment.value))

  /** An answer may come when the order is set aside, or paid, and another one is open. */
  const isOpen = (id: string) => open.value?.id === id

  /** The basket becomes an order that waits for its money, then it is paid as asked. */
  async function begin(ask: Ask): Promise<void> {
    if (open.value || basket.empty.value) return
    const { goods_fen, items } = basket.totals.value
    const lines = basket.lines.value
    const sold_at = new Date().toISOString()
    const placed: PlaceOrder = { id: uuidv7(), channel: 'pos', lines: orderLines(lines), sold_at, expect_total_fen: goods_fen }
    open.value = { id: placed.id, lines, payment: null }
    step.value = 'placing'
    asked.value = ask
    under.busy = true
    const outcome = await data.outbox.submit(placed, { total_fen: goods_fen, items }).finally(() => (under.busy = false))
    if (outcome.kind === 'sold') await placedAs(outcome.order)
    else if (outcome.kind === 'refused') refuse(outcome.error)
    else cut.value = true
  }

  async function placedAs(now: Order): Promise<void> {
    if (!isOpen(now.id) || order.value) return
    basket.clear()
    step.value = null
    take(now)
    const ask = asked.value
    if (ask && isComplete(ask)) await pay(ask)
  }

  function refuse(why: ApiError): void {
    if (!open.value) return
    const { id, lines } = open.value
    basket.clear()
    close()
    onRefused({ id, error: why, lines })
  }

  async function pay(ask: Ask): Promise<void> {
    if (!open.value || !free.value) return
    asked.value = ask
    error.value = null
    if (!isComplete(ask)) return
    request = payBody(uuidv7(), ask)
    open.value = { ...open.value, payment: request.id }
    await send()
  }

  /** The same request as often as it takes: its id makes it one payment. */
  async function send(): Promise<void> {
    if (!open.value || !request) return
    const { id } = open.value
    step.value = 'asking'
    under.busy = true
    try {
      const paid = await collecting.pay(id, request)
      if (isOpen(id)) {
        request = null
        step.value = null
        take(paid.order)
      }
    } catch (failed) {
      if (!isOpen(id)) return
      if (isUnreachable(failed) && errorCode(failed) !== 'channel_unavailable') cut.value = true
      else refusePayment(failed)
    } finally {
      under.busy = false
    }
  }

  function refusePayment(failed: unknown): void {
    request = null
    step.value = null
    error.value = failed
    play('error')
    if (open.value) open.value = { ...open.value, payment: null }
    void refresh()
  }

  /** What the server says of the order. */
  function take(now: Order): void {
    if (!isOpen(now.id) || !open.value) return
    const before = stage.value
    cut.value = false
    order.value = now
    const waits = now.payments.find((each) => isUnderWay(each))
    if (waits && waits.id !== open.value.payment) open.value = { ...open.value, payment: waits.id }
    if (now.status === 'cancelled') return cancelled(now)
    if (now.status !== 'received') return finish(now)
    if (stage.value === before) return
    if (stage.value === 'part_paid') asked.value = null
    if (stage.value === 'declined' || stage.value === 'unknown') play('error')
    else if (stage.value === 'part_paid') play('ok')
  }

  function finish(now: Order): void {
    close()
    onPaid(now)
  }

  function cancelled(now: Order): void {
    basket.replace(open.value?.lines ?? [])
    close()
    onCancelled(cashTaken(now))
  }

  function close(): void {
    open.value = null
    order.value = null
    step.value = null
    asked.value = null
    error.value = null
    cut.value = false
    request = null
  }

  /** The order is looked for: it was on its way when the network or the page went away. */
  async function find(id: string): Promise<void> {
    const kept = (await data.outbox.list()).find((entry) => entry.id === id)
    if (kept?.state === 'refused') {
      refuse(refusalOf(kept.code))
      return
    }
    const waits = kept !== undefined
    if (waits) await data.outbox.wake()
    try {
      await placedAs(await collecting.read(id))
    } catch (failed) {
      if (errorCode(failed) !== 'not_found' || waits) throw failed
      // It never arrived and is not on its way any more: the goods are still in the basket.
      if (basket.empty.value) basket.replace(open.value?.lines ?? [])
      close()
    }
  }

  async function refresh(): Promise<void> {
    if (!open.value) return
    try {
      const { id } = open.value
      if (order.value) take(await collecting.read(id))
      else await find(id)
    } catch (failed) {
      if (isUnreachable(failed)) cut.value = true
      else if (errorCode(failed) !== 'not_found') error.value = failed
    }
  }

  async function tick(): Promise<void> {
    if (under.busy || under.looking || !open.value) return
    under.looking = true
    try {
      if (request) await send()
      else if (!free.value || cut.value) await refresh()
    } finally {
      under.looking = false
    }
  }

  async function deed(work: (id: string) => Promise<unknown>): Promise<void> {
    if (!payment.value) return
    error.value = null
    await work(payment.value.id).catch((failed: unknown) => (error.value = failed))
    await refresh()
  }

  /** Gives the whole order up. What was paid goes back first; the order ends by itself when that is certain. */
  async function cancel(reason: string): Promise<void> {
    if (!open.value) return
    error.value = null
    try {
      take(await collecting.cancel(open.value.id, reason))
    } catch (failed) {
      if (errorCode(failed) === 'payment_pending') step.value = 'cancelling'
      else error.value = failed
    }
  }

  /** An order that has not reached the server is put back into the basket. */
  async function takeBack(): Promise<void> {
    if (!open.value || order.value || under.busy) return
    const { id, lines } = open.value
    close()
    await data.outbox.discard(id)
    basket.replace(lines)
  }

  /** The server is away: the next customer is served, and the server ends this order by itself. */
  function park(): void {
    if (order.value && cut.value) close()
  }

  data.onPayment(() => void tick())
  useIntervalFn(() => void tick(), 1000, { immediateCallback: true })

  const seen = { open, order, payment, due_fen, stage, free, cut, error, asked }
  return { ...seen, begin, pay, cancel, takeBack, park, check: () => deed(collecting.check), giveUp: () => deed(collecting.giveUp) }
}

export type CollectState = ReturnType<typeof useCollect>
