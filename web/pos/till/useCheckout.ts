/** From *Pay* to the change: the order gets its id here and is kept before it is sent. */
import { ref, shallowRef } from 'vue'
import { type ApiError, errorCode } from '@/shared/api/errors'
import type { Order, PlaceOrder } from '@/shared/api/sales'
import { formatFen } from '@/shared/lib/money'
import { uuidv7 } from '@/shared/lib/uuid'
import { usePrintReceipt } from '@/shared/queries/sales'
import { useSession } from '@/shared/session'
import type { TillData } from '../useTillData'
import { type Line, orderLines } from './basket'
import { play } from './sounds'
import type { BasketState } from './useBasket'

export interface Done {
  id: string
  due_fen: number
  tendered_fen: number
  change_fen: number
  /** The server's number; null while the sale waits to be sent. */
  no: string | null
  /** Nothing is given back: it was not paid in cash. */
  cashless?: boolean
}

export interface RefusedSale {
  id: string
  error: ApiError
  lines: Line[]
}

export function useCheckout(data: TillData, basket: BasketState, fail: (error: unknown) => void) {
  const paying = ref(false)
  const busy = ref(false)
  const done = shallowRef<Done | null>(null)
  const refused = shallowRef<RefusedSale | null>(null)
  const session = useSession()
  const printing = usePrintReceipt()

  function start(): void {
    if (basket.empty.value || busy.value) return
    done.value = null
    paying.value = true
  }

  /** The customer did not pay after all. */
  function stop(): void {
    if (busy.value) return
    paying.value = false
    void data.deeds.record('payment_attempt', formatFen(basket.totals.value.due_fen))
  }

  async function pay(tendered_fen: number): Promise<void> {
    if (busy.value || basket.empty.value) return
    const { due_fen, items } = basket.totals.value
    if (tendered_fen < due_fen) return
    busy.value = true
    const lines = basket.lines.value
    const order: PlaceOrder = {
      id: uuidv7(),
      channel: 'pos',
      lines: orderLines(lines),
      payments: [{ method: 'cash', tendered_fen }],
      sold_at: new Date().toISOString(),
      expect_total_fen: due_fen,
    }
    try {
      const outcome = await data.outbox.submit(order, { total_fen: due_fen, items })
      paying.value = false
      basket.clear()
      if (outcome.kind === 'refused') {
        refused.value = { id: order.id, error: outcome.error, lines }
        play('error')
        void data.deeds.record('payment_attempt', `${formatFen(due_fen)} ${outcome.error.code}`)
        return
      }
      const sold = outcome.kind === 'sold' ? outcome.order : null
      done.value = {
        id: order.id,
        due_fen,
        tendered_fen,
        change_fen: sold?.change_fen ?? tendered_fen - due_fen,
        no: sold?.no ?? null,
      }
      play('ok')
      if (sold) printNow(order.id)
    } catch (error) {
      fail(error)
    } finally {
      busy.value = false
    }
  }

  async function print(id: string): Promise<void> {
    await printing.mutateAsync({ id, lang: session.language })
  }

  /** A till without a printer is normal; a printer that is silent is worth a word. */
  function printNow(id: string, drawer = true): void {
    printing.mutateAsync({ id, lang: session.language, drawer }).catch((error: unknown) => {
      if (errorCode(error) !== 'no_printer') fail(error)
    })
  }

  /** An order whose money came in by parts, or not in cash. */
  function finish(order: Order): void {
    const cash = order.payments.some(({ method, status }) => method === 'cash' && status === 'succeeded')
    const { id, no, total_fen: due_fen, change_fen } = order
    done.value = { id, no, due_fen, change_fen, tendered_fen: due_fen + change_fen, cashless: !cash }
    play('ok')
    printNow(id, cash)
  }

  /** The refused sale goes back on the screen: nothing was sold. */
  async function takeBack(): Promise<void> {
    if (!refused.value) return
    await data.outbox.discard(refused.value.id)
    basket.replace(refused.value.lines)
    refused.value = null
    const changed = await data.catalogue.sync().catch(() => [])
    basket.follow(changed)
  }

  /** On to the next customer. */
  function next(): void {
    done.value = null
    refused.value = null
  }

  return { paying, busy, done, refused, start, stop, pay, finish, print, takeBack, next }
}

export type CheckoutState = ReturnType<typeof useCheckout>
