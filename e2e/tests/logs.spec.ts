import { Inspector } from '../lib/inspect'
import { type Language, expect, test } from '../lib/test'

const languages: Language[] = ['zh-CN', 'en']

for (const language of languages) {
  test.describe(language, () => {
    test.use({ language })

    test('what was changed and what happened at the till can be read afterwards', async ({ aisle, admin, till }) => {
      test.setTimeout(120_000)
      const goods = await aisle.goods(3)
      const [product] = goods
      if (!product) throw new Error('the demo shop has no goods')
      const look = new Inspector(admin.page, language)

      await till.openFor('cashier', language === 'en' ? 'Till 1' : '1号收银台')
      await till.put(...goods)
      await till.page.keyboard.press('Delete')
      await till.page.keyboard.press('F9')
      await expect(till.dialog('pos.pay.title')).toBeVisible()
      await till.page.keyboard.press('Escape')

      await admin.signIn('manager')
      await admin.open(`/products/${product.id}`)
      const price = admin.page.getByRole('textbox', { name: admin.t('catalog.products.price'), exact: true })
      await price.fill('12.34')
      await admin.button('common.save').click()
      await expect(admin.page.getByText(admin.t('common.saved'))).toBeVisible()

      await admin.menu('ops.log.title')
      await expect(admin.rows('ops.log.title').first()).toContainText('12.34')
      await look.look('operations')
      await admin.rows('ops.log.title').first().getByRole('button').click()
      const drawer = admin.page.getByRole('dialog', { name: admin.t('ops.actions.product.change') })
      await expect(drawer.getByRole('region', { name: admin.t('ops.log.changes') })).toContainText('12.34')
      await look.look('operation')
      await drawer.getByRole('button', { name: admin.t('ops.log.same_target') }).click()
      await expect(admin.page).toHaveURL(/target=product/)

      await admin.open('/operations?q=nothing-like-this')
      await expect(admin.page.getByText(admin.t('table.no_match'))).toBeVisible()

      await admin.menu('ops.till.title')
      await expect(admin.rows('ops.till.title').filter({ hasText: admin.t('ops.till.kinds.void_line') })).toHaveCount(1)
      await expect(admin.rows('ops.till.title').filter({ hasText: admin.t('ops.till.kinds.payment_attempt') })).toHaveCount(1)
      await look.look('till-events')

      await admin.menu('ops.risk.title')
      await expect(admin.page.getByRole('region', { name: admin.t('ops.risk.people') })).toContainText('李收银')
      await look.look('risk')
    })
  })
}
