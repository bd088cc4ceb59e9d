import { expect, it, vi } from 'vitest'
import { OfflineError } from './errors'
import { send } from './http'

/** A network that never answers. */
function silence(): void {
  vi.stubGlobal('fetch', (_: string, { signal }: RequestInit) =>
    new Promise((_resolve, fail) =>
      signal?.addEventListener('abort', () => fail(signal.reason as Error)),
    ))
}

it('takes a server that does not answer in time for one that cannot be reached', async () => {
  silence()
  await expect(send('GET', '/x', { signal: AbortSignal.timeout(10) })).rejects.toBeInstanceOf(OfflineError)
})

it('does not call it a lost network when somebody no longer wants the answer', async () => {
  silence()
  const asking = new AbortController()
  const answer = send('GET', '/x', { signal: asking.signal })
  asking.abort()
  await expect(answer).rejects.toMatchObject({ name: 'AbortError' })
})
