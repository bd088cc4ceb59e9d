import { expect, test } from '../lib/test'

test('a new price reaches the open till within five seconds', async ({ aisle, admin, till }) => {
  const [product] = await aisle.goods(1)
  if (!product) throw new Error('the demo shop has no goods')
  await till.openFor('cashier', '1号收银台')
  await till.put(product)
  await expect(till.lines).toContainText((product.price_fen / 100).toFixed(2))

  await admin.signIn()
  await admin.open(`/products/${product.id}`)
  await admin.page.getByRole('textbox', { name: admin.t('catalog.products.price'), exact: true }).fill('7.60')
  await admin.button('common.save').click()

  await expect(till.lines).toContainText('7.60', { timeout: 5000 })
  await expect(till.page.getByText(till.t('pos.notice.price_changed', { names: product.name }))).toBeVisible()
  await till.payExactly()
  await expect(till.dialog('pos.done.title')).toContainText('7.60')
})
