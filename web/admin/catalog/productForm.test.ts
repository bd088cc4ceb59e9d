import { expect, it } from 'vitest'
import type { Product } from '@/shared/api/catalog'
import { ApiError } from '@/shared/api/errors'
import { allFields, blankForm, changedFields, copyOf, formOf, missingFields, takenField } from './productForm'

const cola = {
  id: 1,
  code: '1',
  name: 'Cola',
  unit_id: 3,
  brand_id: 2,
  price_fen: 330,
  member_price_fen: 300,
  cost_fen: 200,
  tags: [],
  barcodes: [{ barcode: '6900068000216', qty_milli: 1000, price_fen: null }],
} as unknown as Product

it('sends only what was changed, and null for what was cleared', () => {
  const before = formOf(cola)
  const form = copyOf(before)
  expect(changedFields(form, before)).toEqual({})
  form.member_price_fen = null
  form.brand_id = null
  form.price_fen = 350
  expect(changedFields(form, before)).toEqual({ member_price_fen: null, brand_id: null, price_fen: 350 })
})

it('does not send an emptied price that may not be empty', () => {
  const before = formOf(cola)
  expect(changedFields({ ...before, cost_fen: null }, before)).toEqual({})
})

it('leaves barcodes out that were never filled in', () => {
  const before = formOf(cola)
  const form = copyOf(before)
  form.barcodes.push({ barcode: '', qty_milli: 12_000, price_fen: null })
  expect(changedFields(form, before).barcodes).toHaveLength(1)
})

it('knows what a new product lacks, and sends the rest', () => {
  const form = { ...blankForm(), name: 'Tea' }
  expect(missingFields(form)).toEqual(['unit_id', 'price_fen'])
  expect(allFields({ ...form, unit_id: 1, price_fen: 500 })).toEqual({
    name: 'Tea',
    unit_id: 1,
    price_fen: 500,
    tax_rate_bp: 1300,
    shelf_life_days: 0,
    state: 'active',
  })
})

it('puts a taken barcode at the barcodes, with the product that has it', () => {
  const fields = [{ name: 'barcodes', code: '', product_id: 9, product_name: 'Tea', value: '6900068000216' }]
  const error = new ApiError({ status: 409, code: 'barcode_taken', title: '', retryable: false, fields })
  expect(takenField(error)).toEqual({ field: 'barcodes', value: '6900068000216', owner: 'Tea' })
  expect(takenField(new Error('other'))).toBeUndefined()
})
