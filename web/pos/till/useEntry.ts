/**
 * The one input of the till: scans land here from anywhere, people type quantities (`5*`), names,
 * pinyin, codes or barcodes. A code the copy of the goods does not know is the server's to read.
 */
import { refDebounced } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import type { TillProduct } from '@/shared/api/catalog'
import { errorCode } from '@/shared/api/errors'
import { parseMilli } from '@/shared/lib/money'
import type { TillData } from '../useTillData'
import { type NewLine, isQuantity, lineOf, lineOfScan } from './basket'
import { type Sound, play } from './sounds'
import type { BasketState } from './useBasket'

interface EntryOptions {
  data: TillData
  basket: BasketState
  /** Says something to the cashier. */
  tell: (key: string, detail?: Record<string, unknown>) => void
  fail: (error: unknown) => void
  /** A price check was asked for: the goods are shown, not sold. */
  onChecked: (line: NewLine) => void
}

export function useEntry({ data, basket, tell, fail, onChecked }: EntryOptions) {
  const text = ref('')
  const times = ref<number | null>(null)
  const checking = ref(false)
  const chosen = ref(0)
  const typed = refDebounced(text, 60)

  const results = computed<TillProduct[]>(() =>
    data.goods.value > 0 && text.value !== '' ? data.catalogue.search(typed.value) : [],
  )
  watch(results, () => (chosen.value = 0))
  watch(text, (now) => {
    const quantity = /^(.+)[*×]$/.exec(now)?.[1]
    if (quantity === undefined) return
    times.value = parseMilli(quantity)
    text.value = ''
  })

  function sound(kind: Sound): void {
    play(kind)
  }

  function reset(): void {
    text.value = ''
    times.value = null
  }

  function accept(line: NewLine): void {
    if (checking.value) {
      checking.value = false
      onChecked(line)
      sound('ok')
      return reset()
    }
    if (!isQuantity(line, line.times_milli)) {
      sound('error')
      tell('pos.notice.whole_pieces', { name: line.name })
      return reset()
    }
    basket.put(line)
    sound('ok')
    reset()
  }

  function pick(product: TillProduct): void {
    accept(lineOf(product, null, times.value ?? 1000))
  }

  async function scan(code: string): Promise<void> {
    const hit = data.catalogue.find(code)
    if (hit) {
      accept(lineOf(hit.product, hit.pack, times.value ?? 1000))
      return
    }
    const wanted = times.value ?? 1000
    reset()
    try {
      const read = await data.catalogue.scan(code)
      if (read.state !== 'no_sale' && read.state !== 'retired') accept(lineOfScan(read, wanted))
      else {
        sound('error')
        tell('errors.not_for_sale')
      }
    } catch (error) {
      sound('unknown')
      fail(error)
      if (errorCode(error) === 'unknown_barcode') void data.deeds.record('scan_unknown', code)
    }
  }

  function applyQuantity(quantity: number | null): void {
    const done = quantity !== null && basket.setQuantity(quantity)
    sound(done ? 'ok' : 'error')
    if (!done) tell('pos.notice.bad_quantity')
    reset()
  }

  /** Enter. True when there was something to do; an empty input is left to the caller. */
  async function enter(): Promise<boolean> {
    const input = text.value.trim()
    if (input === '' && times.value === null) return false
    if (input === '') applyQuantity(times.value)
    else if (/^[*×]/.test(input)) applyQuantity(parseMilli(input.slice(1)))
    else if (data.catalogue.find(input)) await scan(input)
    else await enterWords(input)
    return true
  }

  async function enterWords(input: string): Promise<void> {
    const found = typed.value === text.value ? results.value : data.catalogue.search(input)
    const product = found[chosen.value]
    if (product) pick(product)
    else if (/^[\d\][()A-Za-z]{6,}$/.test(input)) await scan(input)
    else {
      sound('unknown')
      tell('pos.notice.nothing_found', { text: input })
      reset()
    }
  }

  function move(by: 1 | -1): void {
    if (results.value.length === 0) return basket.move(by)
    chosen.value = Math.min(Math.max(chosen.value + by, 0), results.value.length - 1)
  }

  return { text, times, results, chosen, checking, scan, enter, pick, move, reset }
}

export type EntryState = ReturnType<typeof useEntry>
