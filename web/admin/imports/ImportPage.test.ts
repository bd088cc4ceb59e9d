import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import ImportPage from './ImportPage.vue'

const one = {
  id: 'a',
  kind: 'products',
  file_name: 'goods.xlsx',
  state: 'checked',
  rows: 3,
  good: 2,
  bad: 1,
  done: 3,
  created: 2,
  updated: 0,
  unchanged: 0,
  kept: 0,
  headers: ['Name', 'Barcode'],
  error: null,
  warnings: [{ code: 'unknown_column', header: 'Shelf' }],
  created_at: '2026-11-22T08:00:00Z',
}
const badRow = {
  row: 4,
  state: 'bad',
  values: ['Cola', '6900068000217'],
  errors: [{ column: 'barcode', code: 'barcode_check_digit', given: 7, expected: 6, value: '6900068000217' }],
}

/** Answers as the server will: by method and path. */
function serve(answers: Record<string, unknown>) {
  return vi.spyOn(globalThis, 'fetch').mockImplementation((input, init) => {
    const [path = ''] = (input as string).split('?')
    if (path.endsWith('/apply')) answers['GET /api/v1/imports/a'] = { ...one, state: 'applied' }
    const body = answers[`${init?.method ?? 'GET'} ${path}`]
    return Promise.resolve(new Response(JSON.stringify(body), { status: body === undefined ? 404 : 200 }))
  })
}

it('shows what is wrong with each row, and applies the good ones', async () => {
  await useLanguage('en')
  const fetch = serve({
    'GET /api/v1/imports/a': one,
    'GET /api/v1/imports/a/rows': { items: [badRow], next: null },
    'POST /api/v1/imports/a/apply': { ...one, state: 'applied' },
  })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: ImportPage }] })
  const user = userEvent.setup()
  render(ImportPage, {
    props: { id: 'a' },
    global: { plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  expect(await screen.findByText('the check digit is 7, it should be 6')).toBeVisible()
  expect(screen.getByText('The column “Shelf” is not known and was not read')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Download rows with errors' })).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Import the good rows' }))
  await waitFor(() => expect(fetch.mock.calls.map(([path]) => path)).toContain('/api/v1/imports/a/apply'))
  expect(await screen.findByText('Imported')).toBeVisible()
})
