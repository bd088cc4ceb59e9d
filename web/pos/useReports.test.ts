import { createPinia, setActivePinia } from 'pinia'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, nextTick } from 'vue'
import { OfflineError } from '@/shared/api/errors'
import { identity } from '@/shared/api/identity'
import { useSession } from '@/shared/session'
import { takeInvitation } from './invitation'
import { unsent, useReports } from './useReports'

let scope = effectScope()

beforeEach(() => {
  vi.useFakeTimers()
  scope = effectScope()
  setActivePinia(createPinia())
  vi.spyOn(identity, 'reportDevice').mockResolvedValue(undefined)
})
afterEach(() => {
  scope.stop()
  vi.useRealTimers()
})

const told = () => vi.mocked(identity.reportDevice).mock.calls.map(([body]) => body.unsent)

it('reports at once, whenever the number of unsent sales changes, and every 45 seconds', async () => {
  useSession().become('ak_1')
  scope.run(useReports)
  expect(told()).toEqual([null])
  unsent.value = 2
  await nextTick()
  expect(told()).toEqual([null, 2])
  vi.mocked(identity.reportDevice).mockRejectedValue(new OfflineError())
  await vi.advanceTimersByTimeAsync(91_000)
  expect(told()).toEqual([null, 2, 2, 2])
})

it('says nothing from a browser that is no till', async () => {
  scope.run(useReports)
  await vi.advanceTimersByTimeAsync(91_000)
  expect(told()).toEqual([])
})

it('takes an invitation out of the address', () => {
  window.location.hash = '#enrol=ABCD-EFGH'
  expect(takeInvitation()).toBe('ABCD-EFGH')
  expect(window.location.hash).toBe('')
  window.location.hash = '#enrol=<script>'
  expect(takeInvitation()).toBe('')
})
