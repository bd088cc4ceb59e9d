import { afterEach, expect, it, vi } from 'vitest'
import { OfflineError } from './errors'
import { onApprovalNeeded, onSessionLost, onTokenDead, send, setTerminalToken } from './http'

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

it('says when nobody is before the page', async () => {
  const fetch = serve('own')
  setTerminalToken('own')
  const isByItself = () => new Headers(fetch.mock.lastCall?.[1].headers).has('x-aisle-unattended')
  vi.useFakeTimers()
  try {
    window.dispatchEvent(new Event('keydown'))
    await send('GET', '/x')
    expect(isByItself()).toBe(false)
    vi.advanceTimersByTime(61_000)
    await send('GET', '/x')
    expect(isByItself()).toBe(true)
    window.dispatchEvent(new Event('pointerdown'))
    await send('GET', '/x')
    expect(isByItself()).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

it('asks nobody again for a yes whose call was lost, and again once it was answered', async () => {
  const named = new Set(['yes 1', 'yes 2'])
  let cut = true
  vi.stubGlobal('fetch', (_: string, { headers }: RequestInit) => {
    const yes = new Headers(headers).get('x-aisle-approval')
    if (!yes || !named.has(yes)) {
      const body = JSON.stringify({ code: 'approval_needed', fields: [{ permission: 'order.return' }] })
      return Promise.resolve(new Response(body, { status: 403, headers: { 'content-type': 'application/problem+json' } }))
    }
    if (cut) return Promise.reject(new TypeError('lost'))
    named.delete(yes)
    return Promise.resolve(new Response('{}'))
  })
  const ask = vi.fn().mockResolvedValueOnce('yes 1').mockResolvedValue('yes 2')
  onApprovalNeeded(ask)
  await expect(send('POST', '/orders/1/returns')).rejects.toBeInstanceOf(OfflineError)
  cut = false
  await send('POST', '/orders/1/returns')
  expect(ask).toHaveBeenCalledTimes(1)
  await send('POST', '/orders/1/returns')
  expect(ask).toHaveBeenCalledTimes(2)
})
