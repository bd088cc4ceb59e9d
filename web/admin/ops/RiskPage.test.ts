import { VueQueryPlugin } from '@tanstack/vue-query'
import { render, screen, within } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { type Risk, sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import RiskPage from './RiskPage.vue'

const quiet = { count: 0, rate_milli: 0, median_milli: 0, unusual: false }
const risk: Risk = {
  from: '2026-11-16T00:00:00.000Z',
  to: '2026-11-23T00:00:00.000Z',
  usual_hours: [8, 22],
  kinds: [
    { kind: 'drawer_open', per: 'order' },
    { kind: 'sign_in_locked', per: 'day' },
  ],
  people: [
    {
      user_id: 3,
      username: 'cashier',
      name: '李收银',
      orders: 100,
      days: 5,
      figures: [
        { count: 14, rate_milli: 14_000, median_milli: 3000, unusual: true },
        { count: 1, rate_milli: 200, median_milli: 0, unusual: false },
      ],
    },
    { user_id: 4, username: 'wang', name: '', orders: 90, days: 5, figures: [quiet, quiet] },
  ],
}

beforeEach(() => useLanguage('en'))

async function openPage(answer: Risk, path = '/risk?from=2026-11-16&to=2026-11-22') {
  const get = vi.spyOn(sales, 'getRisk').mockResolvedValue(answer)
  const page = { template: '<i />' }
  const routes = [{ path: '/risk', component: RiskPage }, ...['/till-events', '/operations'].map((path) => ({ path, component: page }))]
  const router = createRouter({ history: createMemoryHistory(), routes })
  await router.push(path)
  render(RiskPage, {
    global: { plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  return get
}

it('says in words why somebody is marked, and leads to the list behind it', async () => {
  await openPage(risk)
  const marked = within(await screen.findByRole('region', { name: 'Worth a look' }))
  const why = '李收银: Drawer opened 14 times, 14 in a hundred orders; the colleagues’ median is 3, this is 4.7 times that.'
  const list = '/till-events?from=2026-11-16&to=2026-11-22&kind=drawer_open&actor=cashier'
  expect(marked.getByRole('link', { name: why })).toHaveAttribute('href', list)
})

it('shows each person beside the colleagues', async () => {
  await openPage(risk)
  const row = within(await screen.findByRole('row', { name: /李收银/ }))
  expect(row.getByText('14 per 100 orders (colleagues 3)')).toBeVisible()
  const locked = '/operations?from=2026-11-16&to=2026-11-22&action=user.locked&target=user+3'
  expect(row.getByRole('link', { name: '1' })).toHaveAttribute('href', locked)
  expect(within(screen.getByRole('row', { name: /wang/ })).queryByRole('link')).toBeNull()
  expect(screen.getByText(/Usually open 8:00–22:00/)).toBeVisible()
})

it('asks for the last seven days and says what to do when there is nothing', async () => {
  const get = await openPage({ ...risk, people: [], usual_hours: null }, '/risk')
  expect(await screen.findByText('Nobody sold anything in these days')).toBeVisible()
  const { from, to } = get.mock.calls[0]?.[0] ?? { from: '', to: '' }
  expect(Date.parse(to) - Date.parse(from)).toBe(7 * 86_400_000)
})
