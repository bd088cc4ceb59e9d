import type { Locator } from '@playwright/test'
import { png } from '../lib/png'
import { expect, test } from '../lib/test'

const picture = { name: '商品图.png', mimeType: 'image/png', buffer: png(640, 480, [230, 120, 40]) }

test('a picture is put on a product, shown on its page and in the list, and taken away', async ({ aisle, admin }) => {
  const [product] = await aisle.goods(1)
  if (!product) throw new Error('the demo shop has no goods')
  await admin.signIn()
  await admin.open(`/products/${product.id}`)
  const shown = admin.page.getByRole('img', { name: product.name })
  await expect(admin.button('catalog.product.picture_choose').first()).toBeVisible()
  await expect(shown).toHaveCount(0)

  await admin.page.locator('input[type=file]').setInputFiles(picture)
  await expect(shown).toBeVisible()
  await expect.poll(() => widthOf(shown)).toBeGreaterThan(0)

  await admin.menu('catalog.products.title')
  await admin.page.getByRole('textbox', { name: admin.t('catalog.products.search') }).fill(product.barcode)
  const row = admin.rows('catalog.products.title')
  await expect(row).toHaveCount(1)
  await expect.poll(() => widthOf(row.locator('img'))).toBeGreaterThan(0)

  await row.getByRole('link', { name: product.name }).click()
  const field = admin.page.getByRole('region', { name: admin.t('catalog.products.picture') })
  await field.getByRole('button', { name: admin.t('common.delete') }).click()
  await admin.page.getByRole('dialog').getByRole('button', { name: admin.t('common.delete'), exact: true }).click()
  await expect(shown).toHaveCount(0)
  await admin.menu('catalog.products.title')
  await admin.page.getByRole('textbox', { name: admin.t('catalog.products.search') }).fill(product.barcode)
  await expect(row).toHaveCount(1)
  await expect(row.locator('img')).toHaveCount(0)
})

/** How wide the picture itself is; 0 while it is not there or could not be read. */
function widthOf(image: Locator): Promise<number> {
  return image.evaluate((element) => (element as HTMLImageElement).naturalWidth)
}
