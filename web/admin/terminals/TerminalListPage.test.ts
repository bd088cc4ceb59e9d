import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { fireEvent, render, screen, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import type { EventListeners } from '@/shared/api/events'
import { type Terminal, identity } from '@/shared/api/identity'
import { sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import TerminalListPage from './TerminalListPage.vue'

const waiting: Terminal = {
  id: 1,
  no: 1,
  name: 'Till 1',
  kind: 'pos',
  store_id: 1,
  printer: null,
  created_at: '2026-11-22T02:00:00Z',
  enrolled_at: null,
  last_seen_at: null,
  online: false,
  revoked: false,
  has_key: false,
  app_version: null,
  unsent: null,
  cashier: null,
}
const enrolled = { ...waiting, enrolled_at: '2026-11-22T02:01:00Z', last_seen_at: '2026-11-22T02:01:00Z', online: true }

let happen: EventListeners['onEvent']

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(sales, 'followEvents').mockImplementation(({ onEvent }) => {
    happen = onEvent
    return () => undefined
  })
})

async function openPage(...items: Terminal[]) {
  vi.spyOn(identity, 'listTerminals').mockResolvedValue({ items, next: null })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/terminals', component: TerminalListPage }] })
  await router.push('/terminals')
  render(TerminalListPage, {
    global: { plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  return userEvent.setup()
}

it('says how each till is', async () => {
  const tool = { ...waiting, id: 2, name: 'Loader', enrolled_at: '2026-11-22T02:00:00Z' }
  const busy = { ...enrolled, id: 3, name: 'Till 3', has_key: true, unsent: 4, cashier: 'Wang', app_version: '0.1.0' }
  const away = { ...busy, id: 4, name: 'Till 4', online: false }
  await openPage(waiting, tool, busy, away)
  const row = async (name: string) => (await screen.findByText(name)).closest('tr')
  expect(await row('Till 1')).toHaveTextContent('Waiting')
  expect(await row('Loader')).toHaveTextContent(/In use.*Token only/)
  expect(await row('Till 3')).toHaveTextContent(/Online.*Wang.*4.*0\.1\.0.*Has a key/)
  expect(await row('Till 4')).toHaveTextContent('Offline')
})

it('shows a code once and says when a till has taken it', async () => {
  const made = { terminal: waiting, code: 'ABCDEFGH', expires_at: new Date(Date.now() + 600_000).toISOString() }
  vi.spyOn(identity, 'makeEnrolmentCode').mockResolvedValue(made)
  const user = await openPage(waiting)
  await user.click(screen.getByRole('button', { name: 'Enrol a till' }))
  const dialog = within(await screen.findByRole('dialog', { name: 'Enrol a till' }))
  await fireEvent.update(dialog.getByRole('textbox', { name: 'Name' }), 'Till 1')
  await user.click(dialog.getByRole('button', { name: 'Make a code' }))
  expect(await dialog.findByText('ABCD-EFGH')).toBeVisible()
  expect(dialog.getByRole('img', { name: 'Enrolment code as a picture' })).toBeVisible()

  vi.mocked(identity.listTerminals).mockResolvedValue({ items: [enrolled], next: null })
  happen('terminal.changed')
  expect(await dialog.findByText('Till 1 is enrolled and can sell.')).toBeVisible()
  expect(dialog.queryByText('ABCD-EFGH')).toBeNull()
})
