/** Opens what a till keeps and keeps it fresh: copy of the goods, outbox, the server's events. */
import { useEventListener, useIntervalFn } from '@vueuse/core'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { TillProduct } from '@/shared/api/catalog'
import { followEvents } from '@/shared/queries/sales'
import { Catalogue } from './catalogue'
import { type OutboxEntry, openTillDb } from './db'
import { Deeds } from './deeds'
import { Outbox } from './outbox'
import { unsent } from './useReports'

const minute = 60_000

export async function useTillData(storeId: number) {
  const online = ref(navigator.onLine)
  const entries = shallowRef<OutboxEntry[]>([])
  const goods = ref(0)
  const followers = new Set<(items: TillProduct[]) => void>()
  const payers = new Set<() => void>()

  const waiting = computed(() => entries.value.filter(({ state }) => state === 'waiting'))
  const refused = computed(() => entries.value.filter(({ state }) => state === 'refused'))

  const listening = ref(false)
  let stopped = false
  const closing: (() => void)[] = []
  onScopeDispose(() => {
    stopped = true
    for (const close of closing) close()
  })
  useEventListener(window, 'online', () => void wake())
  useEventListener(window, 'offline', () => (online.value = false))
  useIntervalFn(() => void refresh(), minute)

  const db = await openTillDb(storeId)
  const catalogue = await Catalogue.open(db)
  const deeds = new Deeds(db)
  const outbox = new Outbox(db, {
    locks: 'locks' in navigator ? navigator.locks : undefined,
    onChange: () => void outbox.list().then(count),
    onConnection: (reached) => (online.value = reached),
  })
  closing.push(() => outbox.stop(), () => db.close())
  goods.value = catalogue.size
  count(await outbox.list())
  if ('storage' in navigator) void navigator.storage.persist()

  function count(list: OutboxEntry[]): void {
    entries.value = list
    unsent.value = list.length
  }

  /** Takes in new prices; a till without a network goes on with the ones it has. */
  async function refresh(): Promise<void> {
    try {
      const items = await catalogue.sync()
      online.value = true
      goods.value = catalogue.size
      for (const follow of followers) follow(items)
      await deeds.flush()
    } catch {
      online.value = navigator.onLine && listening.value
    }
  }

  async function wake(): Promise<void> {
    await Promise.all([refresh(), outbox.wake()])
  }

  function listen(): void {
    if (stopped) return
    const stop = followEvents({
      onOpen: () => {
        listening.value = true
        void wake()
      },
      onCut: () => {
        listening.value = false
        online.value = false
      },
      onEvent: hear,
    })
    closing.push(stop)
  }

  function hear(kind: string): void {
    if (['price.changed', 'reset'].includes(kind)) void refresh()
    if (kind.startsWith('payment.')) for (const look of payers) look()
  }

  /** Runs when goods are new or different. */
  function onChanged(follow: (items: TillProduct[]) => void): void {
    followers.add(follow)
  }

  /** Runs when something became of a payment. */
  function onPayment(look: () => void): void {
    payers.add(look)
  }

  listen()
  void wake()
  return { catalogue, outbox, deeds, online, goods, waiting, refused, onChanged, onPayment }
}

export type TillData = Awaited<ReturnType<typeof useTillData>>
