/** The ways to pay this store offers, as actions with their keys. */
import { computed } from 'vue'
import { usePaymentMethods } from '@/shared/queries/payments'
import type { Way } from './collect'
import type { TillAction } from './useKeys'

const keys: Record<Way, string> = { cash: 'F4', code: 'F5', wechat: 'F6', alipay: 'F7', card: 'F8' }

export function useWays(can: (way: Way) => boolean, choose: (way: Way) => void) {
  const { data: methods } = usePaymentMethods()

  return computed<TillAction[]>(() => {
    const has = (name: string) => methods.value?.includes(name) ?? name === 'cash'
    const offered: Way[] = ['cash', 'code', 'wechat', 'alipay', 'card']
    return offered
      .filter((way) => (way === 'code' ? has('wechat') || has('alipay') : has(way)))
      .map((way) => ({
        name: way,
        key: keys[way],
        label: `pos.collect.way.${way}`,
        enabled: can(way),
        button: true,
        run: () => choose(way),
      }))
  })
}
