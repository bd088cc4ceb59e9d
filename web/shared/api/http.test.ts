import { afterEach, expect, it, vi } from 'vitest'
import { OfflineError } from './errors'
import { onSessionLost, onTokenDead, send, setTerminalToken } from './http'

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

const problem = (code: string) =>
  new Response(JSON.stringify({ code }), { status: 401, headers: { 'content-type': 'application/problem+json' } })

/** A server that knows one device's token. */
function serve(good: string) {
  const fetch = vi.fn((_: string, { headers }: RequestInit) => {
    const token = new Headers(headers).get('x-aisle-terminal')
    return Promise.resolve(token === good ? new Response('{}') : problem('unauthenticated'))
  })
  vi.stubGlobal('fetch', fetch)
  return fetch
}

afterEach(() => {
  setTerminalToken(null)
  onTokenDead(() => Promise.resolve(false))
  onSessionLost(() => undefined)
})

it('renews a token that died and sends the call again, once', async () => {
  const fetch = serve('new')
  const lost = vi.fn()
  onSessionLost(lost)
  setTerminalToken('old')
  onTokenDead(() => {
    setTerminalToken('new')
    return Promise.resolve(true)
  })
  await send('GET', '/x')
  expect(fetch).toHaveBeenCalledTimes(2)
  expect(lost).not.toHaveBeenCalled()
})

it('says that the session is lost when the new token does not help either', async () => {
  const fetch = serve('another')
  const lost = vi.fn()
  onSessionLost(lost)
  setTerminalToken('old')
  const renew = vi.fn(() => Promise.resolve(true))
  onTokenDead(renew)
  await expect(send('GET', '/x')).rejects.toMatchObject({ status: 401 })
  expect([fetch.mock.calls.length, renew.mock.calls.length, lost.mock.calls.length]).toEqual([2, 1, 1])
})

it('loses no session while the key cannot be asked for', async () => {
  serve('new')
  const lost = vi.fn()
  onSessionLost(lost)
  setTerminalToken('old')
  onTokenDead(() => Promise.reject(new OfflineError()))
  await expect(send('GET', '/x')).rejects.toBeInstanceOf(OfflineError)
  expect(lost).not.toHaveBeenCalled()
})

it('names neither person nor device when it asks as a stranger', async () => {
  const fetch = serve('own')
  setTerminalToken('own')
  await expect(send('POST', '/x', { asStranger: true, quiet: true })).rejects.toMatchObject({ status: 401 })
  expect(fetch.mock.calls[0]?.[1].credentials).toBe('omit')
})
