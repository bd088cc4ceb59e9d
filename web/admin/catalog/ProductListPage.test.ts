import { VueQueryPlugin } from '@tanstack/vue-query'
import userEvent from '@testing-library/user-event'
import { render, screen, waitFor } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { ApiError } from '@/shared/api/errors'
import { type Product, catalog } from '@/shared/api/catalog'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import ProductListPage from './ProductListPage.vue'

const cola = { id: 1, code: '10001', name: '可口可乐', price_fen: 330, qty_milli: 2000, safety_stock_milli: 0, state: 'active' } as Product
const page = { items: [cola], next: 'abc' }

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(catalog, 'listCategories').mockResolvedValue({ items: [] })
  vi.spyOn(catalog, 'listBrands').mockResolvedValue({ items: [], next: null })
})

async function openPage(path: string) {
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: '/products', component: ProductListPage }],
  })
  await router.push(path)
  render(ProductListPage, {
    global: {
      plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]],
    },
  })
  return { router, user: userEvent.setup() }
}

it('shows what the URL asks for, and puts what is asked into the URL', async () => {
  const list = vi.spyOn(catalog, 'listProducts').mockResolvedValue(page)
  const { router, user } = await openPage('/products?state=active&sort=-price')
  expect(await screen.findByText('可口可乐')).toBeVisible()
  expect(screen.getByText('3.30')).toBeVisible()
  expect(list.mock.calls[0]?.[0]).toMatchObject({ state: 'active', sort: '-price', limit: 50 })

  await user.type(screen.getByRole('textbox', { name: 'Name, pinyin, code or barcode' }), 'cola')
  await waitFor(() => expect(router.currentRoute.value.query).toEqual({ state: 'active', sort: '-price', q: 'cola' }))
  await user.click(screen.getByRole('button', { name: 'Next' }))
  await waitFor(() => expect(router.currentRoute.value.query.cursor).toBe('abc'))
})

it('says what happened and tries again', async () => {
  const refusal = new ApiError({ status: 403, code: 'denied', title: '', retryable: false, fields: [] })
  const list = vi.spyOn(catalog, 'listProducts').mockRejectedValueOnce(refusal)
  const { user } = await openPage('/products')
  expect(await screen.findByRole('alert')).toHaveTextContent('You do not have permission')
  list.mockResolvedValue(page)
  await user.click(screen.getByRole('button', { name: 'Try again' }))
  expect(await screen.findByText('可口可乐')).toBeVisible()
})
