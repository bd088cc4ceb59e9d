import 'fake-indexeddb/auto'
import { webcrypto } from 'node:crypto'
import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError } from '@/shared/api/errors'
import { type Enrolment, identity } from '@/shared/api/identity'
import { useSession } from '@/shared/session'
import { Device } from './device'

const says = (status: number, code: string) => new ApiError({ status, code, title: '', retryable: false, fields: [] })
const until = '2026-11-22T08:10:00Z'

beforeEach(() => {
  vi.stubGlobal('crypto', webcrypto)
  vi.stubGlobal('isSecureContext', true)
  setActivePinia(createPinia())
  useSession().actAsTerminal()
  vi.spyOn(identity, 'takeEnrolmentCode').mockResolvedValue({ terminal: { id: 5 }, token: 'ak_1', expires_at: until } as Enrolment)
  let made = 0
  vi.spyOn(identity, 'makeChallenge').mockImplementation(() =>
    Promise.resolve({ challenge: `challenge-${(made += 1)}`, expires_at: until }))
  vi.spyOn(identity, 'renewToken').mockResolvedValue({ token: 'ak_2', expires_at: until })
})

async function enrolled(): Promise<Device> {
  const device = await Device.open()
  await device.enrol('ABCDEFGH')
  return device
}

function bytes(base64url: string) {
  return Buffer.from(base64url, 'base64url')
}

it('renews its token with the key it registered, which cannot be read out', async () => {
  const made = vi.spyOn(webcrypto.subtle, 'generateKey')
  const device = await enrolled()
  expect(useSession().terminalToken).toBe('ak_1')
  expect(await device.renew()).toBe(true)
  expect(useSession().terminalToken).toBe('ak_2')

  expect(made.mock.calls[0]?.[1]).toBe(false)
  const given = vi.mocked(identity.takeEnrolmentCode).mock.calls[0]?.[0].public_key ?? ''
  const point = await webcrypto.subtle.importKey('raw', bytes(given), { name: 'ECDSA', namedCurve: 'P-256' }, true, ['verify'])
  const renewal = vi.mocked(identity.renewToken).mock.calls[0]?.[0]
  const message = Buffer.from('aisle terminal token\n5\nchallenge-1')
  const signature = bytes(renewal?.signature ?? '')
  expect(await webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, point, signature, message)).toBe(true)
})

it('answers a second challenge when the first one was too old, and no third', async () => {
  const device = await enrolled()
  vi.mocked(identity.renewToken).mockRejectedValueOnce(says(401, 'bad_challenge'))
  expect(await device.renew()).toBe(true)
  expect(identity.makeChallenge).toHaveBeenCalledTimes(2)
  vi.mocked(identity.renewToken).mockRejectedValue(says(401, 'bad_challenge'))
  await expect(device.renew()).rejects.toBeInstanceOf(OfflineError)
})

it('tells a key that no longer counts from a server that is away', async () => {
  const device = await enrolled()
  vi.mocked(identity.renewToken).mockRejectedValue(says(401, 'unauthenticated'))
  expect(await device.renew()).toBe(false)
  vi.mocked(identity.makeChallenge).mockRejectedValue(new OfflineError())
  await expect(device.renew()).rejects.toBeInstanceOf(OfflineError)
})

it('has a token that lasts where the browser makes no keys', async () => {
  vi.stubGlobal('isSecureContext', false)
  const device = await enrolled()
  expect(vi.mocked(identity.takeEnrolmentCode).mock.calls[0]?.[0]).toEqual({ code: 'ABCDEFGH' })
  expect(await device.renew()).toBe(false)
})
