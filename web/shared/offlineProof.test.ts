import { expect, it } from 'vitest'
import { OfflineProof } from './offlineProof'

it('proves who signed in by what they signed in with, and nobody else', async () => {
  const proof = new OfflineProof()
  expect(await proof.proves('wang', '1357')).toBe(false)
  await proof.remember('wang', '1357')
  expect(await proof.proves('wang', '1357')).toBe(true)
  expect(await proof.proves('zhang', '1357')).toBe(false)
  expect(await proof.proves('wang', '1358')).toBe(false)
  proof.forget()
  expect(await proof.proves('wang', '1357')).toBe(false)
})

it('proves nothing after five wrong tries', async () => {
  const proof = new OfflineProof()
  await proof.remember('wang', '1357')
  const tries = await Promise.all(['0000', '1111', '2222', '3333', '4444'].map((pin) => proof.proves('wang', pin)))
  expect(tries).toEqual([false, false, false, false, false])
  expect(await proof.proves('wang', '1357')).toBe(false)
})
