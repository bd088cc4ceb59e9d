import { VueQueryPlugin } from '@tanstack/vue-query'
import { render, screen } from '@testing-library/vue'
import { createPinia } from 'pinia'
import { beforeEach, expect, it, vi } from 'vitest'
import { createMemoryHistory, createRouter } from 'vue-router'
import { type BlindReturn, sales } from '@/shared/api/sales'
import { i18n, useLanguage } from '@/shared/i18n'
import { makeQueryClient } from '@/shared/queries/client'
import BlindReturnListPage from './BlindReturnListPage.vue'

const row: BlindReturn = {
  id: 'a',
  no: '20261122-01-B00001',
  reason: 'spoilt',
  terminal_no: 1,
  cashier: '王芳',
  approver: 'manager',
  goods_fen: 500,
  rounding_fen: 0,
  refund_fen: 500,
  created_at: '2026-11-22T02:00:00Z',
  prints: 1,
  lines: [
    {
      line_no: 1,
      product_id: 7,
      barcode: '6901234567892',
      name: 'Milk',
      spec: '',
      unit: 'box',
      qty_milli: 2000,
      unit_price_fen: 250,
      amount_fen: 500,
      goods_to: 'loss',
    },
  ],
}

beforeEach(async () => {
  await useLanguage('en')
  vi.spyOn(sales, 'followEvents').mockReturnValue(() => undefined)
})

it('says what came back, where it went, who took it and who agreed', async () => {
  vi.spyOn(sales, 'listBlindReturns').mockResolvedValue({ items: [row], next: null })
  const router = createRouter({ history: createMemoryHistory(), routes: [{ path: '/', component: BlindReturnListPage }] })
  await router.push('/')
  render(BlindReturnListPage, {
    global: { plugins: [createPinia(), i18n, router, [VueQueryPlugin, { queryClient: makeQueryClient() }]] },
  })
  expect(await screen.findByText('20261122-01-B00001')).toBeVisible()
  expect(screen.getByText('Milk × 2 box (written off)')).toBeVisible()
  expect(screen.getByText('王芳')).toBeVisible()
  expect(screen.getByText('manager')).toBeVisible()
  expect(screen.getByText('5.00')).toBeVisible()
})
