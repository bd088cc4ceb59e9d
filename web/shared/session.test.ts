import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError } from './api/errors'
import { type CurrentSession, identity } from './api/identity'
import { useSession } from './session'

const atTill = {
  user: { id: 7, username: 'cashier', name: 'Wang', role: 'cashier' },
  permissions: ['order.sell'],
  with_approval: [],
  store: { id: 3, name: 'Main Street', rounding: 'drop_fen', time_zone: 'Asia/Shanghai' },
  terminal: { id: 1, no: 1, name: 'Till 1', kind: 'pos', store_id: 3 },
} as unknown as CurrentSession

const signedOut = new ApiError({ status: 401, code: 'unauthenticated', title: '', retryable: false, fields: [] })
const trouble = new ApiError({ status: 500, code: 'internal', title: '', retryable: true, fields: [] })

/** A page that has just been opened; what the browser keeps is still there. */
function openPage({ till = true } = {}) {
  setActivePinia(createPinia())
  const session = useSession()
  if (till) session.actAsTerminal()
  return session
}

function serverSays(answer: CurrentSession | Error): void {
  const call = vi.mocked(identity.currentSession)
  if (answer instanceof Error) call.mockRejectedValue(answer)
  else call.mockResolvedValue(answer)
}

beforeEach(() => {
  vi.spyOn(identity, 'currentSession').mockResolvedValue(atTill)
  vi.spyOn(identity, 'currentDevice').mockRejectedValue(signedOut)
  vi.spyOn(identity, 'signOut').mockResolvedValue(undefined)
})

it('goes on at a till with what was known when the server cannot be reached', async () => {
  await openPage().load()
  serverSays(new OfflineError())
  const session = openPage()
  await session.load()
  expect(session.user?.name).toBe('Wang')
  expect(session.store?.name).toBe('Main Street')
  expect(session.terminal?.no).toBe(1)
  expect(session.can('order.sell')).toBe(true)
})

it('refuses to go on when nothing was ever known', async () => {
  serverSays(new OfflineError())
  const session = openPage()
  await expect(session.load()).rejects.toBeInstanceOf(OfflineError)
  expect(session.user).toBeNull()
})

it('goes on at a till while the server is in trouble, and nowhere else', async () => {
  await openPage().load()
  serverSays(trouble)
  const session = openPage()
  await session.load()
  expect(session.user?.name).toBe('Wang')
  await expect(openPage({ till: false }).load()).rejects.toBe(trouble)
})

it('lets somebody leave without a network, and ends their session once there is one', async () => {
  const session = openPage()
  await session.load()
  vi.mocked(identity.signOut).mockRejectedValue(new OfflineError())
  await session.signOut()
  expect(session.user).toBeNull()

  // The cookie is still there, so the server still knows them.
  const reloaded = openPage()
  await reloaded.load()
  expect(reloaded.user).toBeNull()
  vi.mocked(identity.signOut).mockResolvedValue(undefined)
  await reloaded.finishLeaving()
  expect(identity.signOut).toHaveBeenCalledTimes(3)
  await reloaded.finishLeaving()
  expect(identity.signOut).toHaveBeenCalledTimes(3)
})

it('tells a session that ended from a device that was ended', async () => {
  const session = openPage()
  session.become('ak_1')
  serverSays(signedOut)
  vi.mocked(identity.currentDevice).mockResolvedValue({ ...atTill, user: null })
  await session.load()
  expect(session.user).toBeNull()
  expect(session.terminal?.no).toBe(1)
  expect(session.deviceEnded).toBe(false)

  vi.mocked(identity.currentDevice).mockRejectedValue(signedOut)
  await session.load()
  expect(session.terminalToken).toBeNull()
  expect(session.deviceEnded).toBe(true)
})

it('forgets who was signed in when the server says that nobody is', async () => {
  await openPage().load()
  serverSays(signedOut)
  await openPage().load()
  serverSays(new OfflineError())
  await expect(openPage().load()).rejects.toBeInstanceOf(OfflineError)
})

it('forgets who was signed in when they sign out', async () => {
  const before = openPage()
  await before.load()
  await before.signOut()
  serverSays(new OfflineError())
  await expect(openPage().load()).rejects.toBeInstanceOf(OfflineError)
})

it('remembers nobody outside a till', async () => {
  await openPage({ till: false }).load()
  serverSays(new OfflineError())
  await expect(openPage().load()).rejects.toBeInstanceOf(OfflineError)
})

it('asks again what it took for granted, once the server is back', async () => {
  await openPage().load()
  serverSays(new OfflineError())
  const session = openPage()
  await session.load()
  serverSays(trouble)
  await session.confirm()
  expect(session.user?.name).toBe('Wang')
  serverSays(signedOut)
  await session.confirm()
  expect(session.user).toBeNull()
})

it('keeps the till this browser is when the sign-in asks for a second factor', async () => {
  const needed = new ApiError({ status: 401, code: 'second_factor_needed', title: '', retryable: false, fields: [] })
  const signIn = vi.spyOn(identity, 'signIn').mockRejectedValue(needed)
  const session = openPage({ till: false })
  session.terminalToken = 'at_kept'
  await expect(session.signIn({ username: 'manager', secret: 'right' })).rejects.toBe(needed)
  expect(session.terminalToken).toBe('at_kept')
  signIn.mockResolvedValue(undefined)
  await session.signIn({ username: 'manager', secret: 'right', code: '123456' })
  expect(signIn).toHaveBeenLastCalledWith('manager', 'right', '123456')
})
