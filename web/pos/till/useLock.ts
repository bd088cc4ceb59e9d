/**
 * Locking the till: the basket stays, and whoever gives a PIN goes on with it. Survives a reload. Without a server
 * only who is here goes on, with what they signed in with, which the till checks; everybody else waits for one.
 */
import { useIdle, useLocalStorage } from '@vueuse/core'
import { watch } from 'vue'
import { isUnreachable } from '@/shared/api/errors'
import { useSession } from '@/shared/session'
import type { TillData } from '../useTillData'

/** A till that nobody has touched for so long is locked. */
export const idleMs = 5 * 60_000

export function useLock(data: TillData) {
  const session = useSession()
  const locked = useLocalStorage('aisle.till.locked', false)
  const { idle } = useIdle(idleMs)

  watch(idle, (is) => is && lock('idle'))

  function lock(why?: 'idle'): void {
    if (locked.value) return
    locked.value = true
    void data.deeds.record('lock', why)
  }

  /** Goes on as this person; what the one before has sold is sent first, in their name. */
  async function unlock(username: string, secret: string, by: 'password' | 'pin'): Promise<void> {
    const before = session.user
    try {
      if (username !== before?.username) await data.outbox.wake()
      await session.signIn({ username, secret, by })
    } catch (error) {
      if (!isUnreachable(error) || !(await session.provesHere(username, secret))) throw error
      open()
      void data.deeds.record('unlock', 'offline')
      return
    }
    const now = session.user
    if (!now) return
    open()
    const same = now.id === before?.id
    void data.deeds.record(same ? 'unlock' : 'switch', same ? '' : `${before?.name ?? ''} → ${now.name}`)
  }

  function open(): void {
    locked.value = false
  }

  return { locked, lock, unlock, open }
}

export type LockState = ReturnType<typeof useLock>
