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
      await till.page.keyboard.press('Escape')
      await till.put(product)
      await till.page.keyboard.press('F4')
      await expect(till.dialog('pos.action.price')).toBeVisible()
      await front.look('price')
      await till.page.keyboard.press('Escape')
      await till.page.keyboard.press('F7')
      const sales = till.dialog('pos.return.find').getByRole('list').getByRole('button')
      await expect(sales).toHaveCount(4)
      await front.look('return-find')
      await sales.first().click()
      await till.button('pos.return.all').click()
      await expect(till.page.locator('dialog .sum')).not.toContainText('¥0.00')
      await front.look('return')
      await till.page.keyboard.press('Escape')

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
      await admin.menu('imports.title')
      await expect(admin.page.getByRole('link', { name: sheet.name })).toBeVisible()
      await back.look('imports')

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

    test('so are the pages that are seldom open, and the empty ones', async ({ aisle, admin, till }) => {
      test.setTimeout(180_000)
      const goods = await aisle.goods(8)
      const back = new Inspector(admin.page, language)
      const front = new Inspector(till.page, language)

      await admin.open('/')
      await admin.fillSignIn('manager', 'not-the-password')
      await expect(admin.page.getByRole('alert')).toHaveText(admin.t('errors.bad_credentials'))
      await back.look('sign-in-failed')
      await admin.signIn('admin')

      await admin.open('/orders')
      await expect(admin.page.getByText(admin.t('orders.empty'), { exact: true })).toBeVisible()
      await back.look('orders-empty')
      await admin.open('/stock?low=true&q=zzzzzz')
      await expect(admin.page.getByText(admin.t('table.no_match'), { exact: true })).toBeVisible()
      await back.look('stock-empty')
      await admin.open('/categories')
      await expect(admin.page.getByRole('heading', { name: admin.t('catalog.categories.title'), exact: true })).toBeVisible()
      await back.look('categories')
      await admin.open('/stores')
      await expect(admin.rows('stores.title').first()).toBeVisible()
      await back.look('stores')
      await admin.rows('stores.title').getByRole('link').first().click()
      await expect(admin.page.getByRole('textbox', { name: admin.t('stores.name'), exact: true })).toBeVisible()
      await back.look('store')

      await till.openFor('cashier', language === 'en' ? 'Till 1' : '1号收银台')
      for (const basket of [goods.slice(0, 3), goods.slice(3)]) {
        await till.put(...basket)
        await till.page.keyboard.press('F6')
        await expect(till.lines).toHaveCount(0)
      }
      await till.page.keyboard.press('Shift+F6')
      await expect(till.dialog('pos.hold.recall').getByRole('listitem')).toHaveCount(2)
      await front.look('recall')
      await till.page.keyboard.press('Escape')
      await till.page.keyboard.press('F1')
      await expect(till.dialog('pos.help.title')).toBeVisible()
      await front.look('help')

      await admin.open('/terminals')
      await expect(admin.rows('terminals.title')).toHaveCount(1)
      await back.look('tills')

      await admin.menu('people.users.title')
      await expect(admin.rows('people.users.title')).toHaveCount(3)
      await back.look('people')
      await admin.menu('people.roles.title')
      await expect(admin.page.getByRole('rowheader').first()).toBeVisible()
      await back.look('roles')
      await admin.page.getByRole('button', { name: admin.t('people.roles.copy_of', { name: admin.t('role.cashier') }) }).click()
      await expect(admin.page.getByRole('dialog', { name: admin.t('people.roles.add') })).toBeVisible()
      await back.look('role')
      await admin.open('/account')
      await expect(admin.rows('people.account.sessions').first()).toBeVisible()
      await back.look('account')
      await till.page.keyboard.press('Escape')
      await till.page.keyboard.press('F10')
      await expect(till.dialog('pos.approval.title')).toBeVisible()
      await front.look('approval')
    })

    test('the back office fits a telephone', async ({ aisle, admin, till }) => {
      test.setTimeout(120_000)
      const goods = await aisle.goods(6)
      const back = new Inspector(admin.page, language)
      await till.openFor('cashier', language === 'en' ? 'Till 1' : '1号收银台')
      await till.put(...goods)
      await till.payExactly()

      await admin.page.setViewportSize({ width: 390, height: 844 })
      await admin.signIn()
      await expect(admin.page.getByRole('heading', { name: admin.t('home.title') })).toBeVisible()
      await back.look('phone-home')
      await admin.open('/products')
      await expect(admin.rows('catalog.products.title').first()).toBeVisible()
      await back.look('phone-products')
      await admin.open(`/products/${goods[0]?.id}`)
      await expect(admin.page.getByRole('textbox', { name: admin.t('catalog.products.price'), exact: true })).toBeVisible()
      await back.look('phone-product')
      await admin.open('/orders')
      await expect(admin.rows('orders.title')).toHaveCount(1)
      await back.look('phone-orders')
      await admin.rows('orders.title').first().getByRole('link').first().click()
      await expect(admin.page.getByRole('document', { name: admin.t('orders.receipt') })).toBeVisible()
      await back.look('phone-order')
    })
  })
}
