/** Everything a cashier can do by key or button, in the order of the keys people know. */
import { type Ref, computed } from 'vue'
import { OfflineError } from '@/shared/api/errors'
import { formatMilli } from '@/shared/lib/money'
import { openDrawer } from '@/shared/queries/sales'
import type { TillData } from '../useTillData'
import { isPriceFree, qtyMilli } from './basket'
import type { BasketState } from './useBasket'
import type { CheckoutState } from './useCheckout'
import type { EntryState } from './useEntry'
import type { TillAction } from './useKeys'

export type Opened = 'help' | 'recall' | 'recent' | 'tray' | 'void' | 'price' | 'return' | null

interface Parts {
  data: TillData
  basket: BasketState
  entry: EntryState
  checkout: CheckoutState
  opened: Ref<Opened>
  focusEntry: () => void
  hold: () => void
  lock: () => void
  tell: (key: string) => void
  fail: (error: unknown) => void
}

export function useTillActions(parts: Parts) {
  const { data, basket, entry, checkout, opened } = parts

  function open(which: Opened): () => void {
    return () => (opened.value = which)
  }

  function deleteLine(): void {
    const line = basket.removeCurrent()
    if (line) void data.deeds.record('void_line', `${line.name} × ${formatMilli(qtyMilli(line))}`)
  }

  function changePrice(): void {
    const line = basket.current.value
    if (line && isPriceFree(line)) opened.value = 'price'
    else parts.tell('pos.notice.price_fixed')
  }

  /** The server records it when it opens the drawer; without a network it is recorded here. */
  function kickDrawer(): void {
    openDrawer().then(
      () => parts.tell('pos.notice.drawer'),
      (error: unknown) => {
        parts.fail(error)
        if (error instanceof OfflineError) void data.deeds.record('drawer_open')
      },
    )
  }

  return computed<TillAction[]>(() => {
    const filled = !basket.empty.value
    const action = (name: string, key: string, run: () => void, more: Partial<TillAction> = {}) => ({
      name,
      key,
      run,
      label: `pos.action.${name}`,
      enabled: true,
      button: true,
      ...more,
    })
    return [
      action('help', 'F1', open('help')),
      action('search', 'F2', parts.focusEntry, { button: false }),
      action('price', 'F4', changePrice, { enabled: basket.current.value !== undefined }),
      action('hold', 'F6', () => (filled ? parts.hold() : open('recall')()), { enabled: true }),
      action('recall', 'Shift+F6', open('recall'), { enabled: !filled }),
      action('return', 'F7', open('return')),
      action('check', 'F8', () => (entry.checking.value = !entry.checking.value)),
      action('drawer', 'F10', kickDrawer),
      action('reprint', 'F11', open('recent')),
      action('delete_line', 'Delete', deleteLine, { enabled: basket.current.value !== undefined }),
      action('void', 'Ctrl+Delete', open('void'), { enabled: filled, tone: 'danger' }),
      action('tray', 'Ctrl+F9', open('tray'), { button: false }),
      action('lock', 'Ctrl+L', parts.lock),
      action('pay', 'F9', checkout.start, { enabled: filled, tone: 'main' }),
    ]
  })
}
