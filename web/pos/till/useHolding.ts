/** Hold and recall: a held basket can be taken up at any till of the store, by one of them. */
import type { HeldBasket } from '@/shared/api/sales'
import { uuidv7 } from '@/shared/lib/uuid'
import { useHoldBasket, useRecallBasket } from '@/shared/queries/sales'
import type { TillData } from '../useTillData'
import { type Line, lineOf, lineOfScan } from './basket'
import type { BasketState } from './useBasket'

export function useHolding(data: TillData, basket: BasketState) {
  const holding = useHoldBasket()
  const recalling = useRecallBasket()

  async function hold(): Promise<void> {
    const lines = basket.lines.value
    await holding.mutateAsync({
      id: uuidv7(),
      note: lines.map(({ name }) => name).join('、').slice(0, 60),
      total_fen: basket.totals.value.due_fen,
      lines: lines.map(({ product_id, barcode, times_milli, given }) => ({
        product_id,
        ...(barcode !== null && { barcode }),
        qty_milli: times_milli,
        ...(given && { given: { id: given.id, unit_price_fen: given.price_fen } }),
      })),
    })
    basket.clear()
  }

  async function recall(row: HeldBasket): Promise<void> {
    const held = await recalling.mutateAsync(row.id)
    basket.clear()
    for (const line of held.lines) basket.put({ ...(await restore(line)), ...priceOf(line) })
  }

  function priceOf({ given }: HeldBasket['lines'][number]): Pick<Line, 'given'> {
    return given ? { given: { id: given.id, price_fen: given.unit_price_fen } } : {}
  }

  async function restore(line: HeldBasket['lines'][number]): Promise<Omit<Line, 'key'>> {
    const { product_id, barcode, qty_milli } = line
    const product = data.catalogue.get(product_id)
    if (!barcode && product) return lineOf(product, null, qty_milli)
    const hit = barcode ? data.catalogue.find(barcode) : undefined
    if (hit) return lineOf(hit.product, hit.pack, qty_milli)
    return lineOfScan(await data.catalogue.scan(barcode ?? String(product_id)), qty_milli)
  }

  return { hold, recall }
}
