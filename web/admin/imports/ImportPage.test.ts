import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor, within } from '@testing-library/vue'
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

function openPage() {
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/:rest(.*)*', component: ImportPage }] })
  render(ImportPage, {
    props: { id: 'a' },
    global: { plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  return userEvent.setup()
}

it('shows what is wrong with each row, and applies the good ones', async () => {
  await useLanguage('en')
  const fetch = serve({
    'GET /api/v1/imports/a': one,
    'GET /api/v1/imports/a/rows': { items: [badRow], next: null },
    'POST /api/v1/imports/a/apply': { ...one, state: 'applied' },
  })
  const user = openPage()
  expect(await screen.findByText('the check digit is 7, it should be 6')).toBeVisible()
  expect(screen.getByText('The column “Shelf” is not known and was not read')).toBeVisible()
  expect(screen.getByRole('button', { name: 'Download rows with errors' })).toBeVisible()
  await user.click(screen.getByRole('button', { name: 'Import the good rows' }))
  await waitFor(() => expect(fetch.mock.calls.map(([path]) => path)).toContain('/api/v1/imports/a/apply'))
  expect(await screen.findByText('Imported')).toBeVisible()
})

it('has words for everything a sheet can be warned of', async () => {
  await useLanguage('zh-CN')
  const warnings = [
    { code: 'unknown_column', header: '货架' },
    { code: 'duplicate_column', header: '名称', kept: '品名' },
    { code: 'not_stored', header: '产地' },
    { code: 'unknown_location', header: '二号仓' },
    { code: 'opening_stock_ignored', rows: 12 },
  ]
  serve({ 'GET /api/v1/imports/a': { ...one, warnings }, 'GET /api/v1/imports/a/rows': { items: [], next: null } })
  openPage()
  const list = await screen.findByRole('list', { name: '提醒' })
  const said = within(list).getAllByRole('listitem').map(({ textContent }) => textContent)
  expect(said).toHaveLength(warnings.length)
  expect(said.filter((words) => /[a-z]+_[a-z]+|[{}]/.test(words))).toEqual([])
})

it('says why a file was not read, in the language of the reader', async () => {
  await useLanguage('zh-CN')
  const error = { code: 'bad_file', reason: 'old_excel', detail: 'the old Excel format; save it as .xlsx or .csv' }
  serve({ 'GET /api/v1/imports/a': { ...one, state: 'failed', error } })
  openPage()
  expect(await screen.findByRole('alert')).toHaveTextContent('旧版 Excel 格式')
  expect(screen.queryByText(/old Excel format/)).toBeNull()
})
