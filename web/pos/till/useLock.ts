/**
 * Locking the till: the basket stays, and whoever gives a PIN goes on with it. Survives a reload.
 * Without a server nobody's PIN can be checked: who was here may go on, and has to give it as soon as there is one.
 */
import { useIdle, useLocalStorage } from '@vueuse/core'
import { computed, ref, watch } from 'vue'
import { useI18n } from 'vue-i18n'
import { isUnreachable } from '@/shared/api/errors'
import { useSession } from '@/shared/session'
import type { TillData } from '../useTillData'

/** A till that nobody has touched for so long is locked. */
export const idleMs = 5 * 60_000

export function useLock(data: TillData) {
  const session = useSession()
  const { t } = useI18n()
  const locked = useLocalStorage('aisle.till.locked', false)
  const unproven = useLocalStorage('aisle.till.unproven', false)
  const unreachable = ref(false)
  const mayGoOn = computed(() => unreachable.value || !data.online.value)
  const { idle } = useIdle(idleMs)

  watch(idle, (is) => is && lock('idle'))
  watch(data.online, (online) => {
    if (online && unproven.value) lock('offline')
  }, { immediate: true })

  function lock(why?: 'idle' | 'offline'): void {
    if (locked.value) return
    locked.value = true
    unreachable.value = false
    void data.deeds.record('lock', why && t(`pos.lock.why.${why}`))
  }

  /** Goes on as this person; what the one before has sold is sent first, in their name. */
  async function unlock(username: string, secret: string, by: 'password' | 'pin'): Promise<void> {
    const before = session.user
    try {
      if (username !== before?.username) await data.outbox.wake()
      await session.signIn({ username, secret, by })
    } catch (error) {
      unreachable.value = isUnreachable(error)
      throw error
    }
    const now = session.user
    if (!now) return
    open()
    const same = now.id === before?.id
    void data.deeds.record(same ? 'unlock' : 'switch', same ? '' : `${before?.name ?? ''} → ${now.name}`)
  }

  /** Goes on as the one who was here, whom nobody can ask for a PIN. */
  function goOn(): void {
    open()
    unproven.value = true
    void data.deeds.record('unlock', t('pos.lock.why.offline'))
  }

  function open(): void {
    locked.value = false
    unproven.value = false
    unreachable.value = false
  }

  return { locked, mayGoOn, lock, unlock, goOn, open }
}

export type LockState = ReturnType<typeof useLock>
