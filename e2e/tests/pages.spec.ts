import { Inspector } from '../lib/inspect'
import { badRows, sheet } from '../lib/sheet'
import { type Language, expect, test } from '../lib/test'

const languages: Language[] = ['zh-CN', 'en']

for (const language of languages) {
  test.describe(language, () => {
    test.use({ language })

    test('every main page is in words, without complaints and no wider than the window', async ({ aisle, admin, till }) => {
      test.setTimeout(180_000)
      const goods = await aisle.goods(8)
      const [product] = goods
      if (!product) throw new Error('the demo shop has no goods')
      const back = new Inspector(admin.page, language)
      const front = new Inspector(till.page, language)
      // One set of pictures stands in the documents.
      const inDocuments = language === 'en'

      await admin.open('/')
      await expect(admin.button('sign_in.submit')).toBeVisible()
      await expect(admin.page.getByRole('region', { name: admin.t('sign_in.demo') })).toBeVisible()
      await back.look('sign-in')

      await till.openFor('cashier', language === 'en' ? 'Till 1' : '1号收银台')
      for (let at = 1; at < 4; at += 1) {
        await till.put(...goods.slice(0, at))
        await till.payExactly()
        await till.next()
      }
      await till.put(...goods.slice(0, 5))
      await till.page.keyboard.type('3*', { delay: 90 })
      await till.put(...goods.slice(5))
      await front.look('pos', inDocuments ? 'pos' : undefined)
      await till.page.keyboard.press('F9')
      await expect(till.dialog('pos.pay.title')).toBeVisible()
      await till.page.keyboard.type('200')
      await front.look('payment')
      await till.page.keyboard.press('Enter')
      await till.button('pos.receipt.show').click()
      await expect(till.dialog('pos.receipt.title')).toContainText(product.name)
      await front.look('receipt')

      await admin.fillSignIn('manager')
      await expect(admin.page.getByRole('heading', { name: admin.t('home.title') })).toBeVisible()
      await back.look('home', inDocuments ? 'admin' : undefined)

      await admin.menu('catalog.products.title')
      await expect(admin.rows('catalog.products.title').first()).toBeVisible()
      await back.look('products')

      await admin.open(`/products/${product.id}`)
      await expect(admin.page.getByRole('textbox', { name: admin.t('catalog.products.price'), exact: true })).toBeVisible()
      await back.look('product-edit')

      await admin.menu('imports.title')
      await admin.page.locator('input[type=file]').setInputFiles(sheet)
      await expect(admin.button('imports.apply')).toBeVisible()
      await expect(admin.rows('imports.rows_title')).toHaveCount(badRows)
      await back.look('import')

      await admin.menu('inventory.title')
      await expect(admin.rows('inventory.title').first()).toBeVisible()
      await back.look('stock')

      await admin.open(`/stock/${product.id}`)
      await expect(admin.rows('inventory.ledger').first()).toBeVisible()
      await back.look('history')

      await admin.menu('orders.title')
      await expect(admin.rows('orders.title')).toHaveCount(4)
      await back.look('orders')

      await admin.rows('orders.title').first().getByRole('link').first().click()
      await expect(admin.page.getByRole('document', { name: admin.t('orders.receipt') })).toContainText(product.name)
      await back.look('order')
    })
  })
}
