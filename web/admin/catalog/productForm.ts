import { ApiError } from '@/shared/api/errors'
import type { PackBarcode, Product, ProductFields } from '@/shared/api/catalog'

/** Refusals that name the other product instead of a field of this one, and the field they are about. */
const takenFields: Record<string, keyof ProductForm> = { barcode_taken: 'barcodes', name_taken: 'code' }

/** Which field another product stands in the way of, what it holds and that product's name. */
export function takenField(error: unknown): { field: keyof ProductForm; value: string; owner: string } | undefined {
  if (!(error instanceof ApiError)) return undefined
  const field = takenFields[error.code]
  const [owner] = error.problem.fields
  return field && { field, value: typeof owner?.value === 'string' ? owner.value : '', owner: typeof owner?.product_name === 'string' ? owner.product_name : '' }
}

export interface ProductForm {
  code: string
  name: string
  short_name: string
  spec: string
  unit_id: number | null
  brand_id: number | null
  category_id: number | null
  tags: number[]
  price_fen: number | null
  member_price_fen: number | null
  floor_price_fen: number | null
  cost_fen: number | null
  tax_rate_bp: number | null
  safety_stock_milli: number | null
  shelf_life_days: number
  supplier: string
  state: string
  barcodes: PackBarcode[]
}

/** Fields that may be empty; `null` takes the value away. */
const clearable = new Set<string>(['brand_id', 'category_id', 'member_price_fen', 'floor_price_fen'])
const needed = ['name', 'unit_id', 'price_fen'] as const

export function blankForm(): ProductForm {
  return {
    code: '',
    name: '',
    short_name: '',
    spec: '',
    unit_id: null,
    brand_id: null,
    category_id: null,
    tags: [],
    price_fen: null,
    member_price_fen: null,
    floor_price_fen: null,
    cost_fen: null,
    tax_rate_bp: 1300,
    safety_stock_milli: null,
    shelf_life_days: 0,
    supplier: '',
    state: 'active',
    barcodes: [],
  }
}

/** A copy that shares nothing with what it was made of; reactive objects too. */
export function copyOf(form: ProductForm): ProductForm {
  return JSON.parse(JSON.stringify(form)) as ProductForm
}

export function formOf(product: Product): ProductForm {
  const form: Record<string, unknown> = { ...blankForm() }
  for (const name of Object.keys(form)) form[name] = product[name as keyof Product] ?? null
  return copyOf(form as unknown as ProductForm)
}

/** What differs from before, as the server takes it; everything that is filled in for a new product. */
export function changedFields(form: ProductForm, before: ProductForm): ProductFields {
  const changed = Object.entries(form).filter(([name, value]) => {
    const same = JSON.stringify(value) === JSON.stringify(before[name as keyof ProductForm])
    return !same && (value !== null || clearable.has(name))
  })
  const fields = Object.fromEntries(changed) as ProductFields
  if (fields.barcodes) fields.barcodes = fields.barcodes.filter(({ barcode }) => barcode.trim() !== '')
  return fields
}

/** A new product is sent whole, but for what is empty. */
export function allFields(form: ProductForm): ProductFields {
  const filled = Object.entries(form).filter(
    ([, value]) => value !== null && value !== '' && !(Array.isArray(value) && value.length === 0),
  )
  return { ...(Object.fromEntries(filled) as ProductFields), ...barcodesOf(form) }
}

function barcodesOf({ barcodes }: ProductForm): Pick<ProductFields, 'barcodes'> {
  const filled = barcodes.filter(({ barcode }) => barcode.trim() !== '')
  return filled.length > 0 ? { barcodes: filled } : {}
}

/** Names of fields that must be filled and are not. */
export function missingFields(form: ProductForm): string[] {
  return needed.filter((name) => form[name] === null || form[name] === '')
}
