import { yuan } from '../lib/faces'
import { Inspector } from '../lib/inspect'
import { type Language, expect, test } from '../lib/test'

const pin = '902114'
const languages: Language[] = ['zh-CN', 'en']

for (const language of languages) {
  test.describe(language, () => {
    test.use({ language })

    test('goods go for others, and come back without a receipt, each with a second person', async ({ aisle, admin, till }) => {
      test.setTimeout(180_000)
      const goods = await aisle.goods(2)
      const [cheap, dear] = goods.sort((a, b) => a.price_fen - b.price_fen)
      if (!cheap || !dear) throw new Error('the demo shop has too few goods')
      const back = new Inspector(admin.page, language)
      const front = new Inspector(till.page, language)
      await admin.signIn()
      await admin.setPin(pin)
      await till.openFor('cashier', language === 'en' ? 'Till 1' : '1号收银台')
      await till.put(cheap)
      await till.payExactly()
      await till.next()

      await test.step('exchange', async () => {
        await till.put(dear)
        await till.page.keyboard.press('F7')
        await till.dialog('pos.return.find').getByRole('list').getByRole('button').first().click()
        await till.button('pos.return.all').click()
        await till.page.getByRole('button', { name: till.t('pos.return.reason.wrong') }).click()
        await front.look('return-with-basket')
        await till.page.getByRole('button', { name: till.t('pos.exchange.open', { n: 1 }) }).click()
        const dialog = till.dialog('pos.exchange.title')
        await expect(dialog).toContainText(yuan(dear.price_fen - cheap.price_fen))
        await front.look('exchange')
        await dialog.getByRole('button', { name: till.t('pos.exchange.confirm') }).click()
        await till.approve('manager', pin)
        await expect(dialog).toContainText('-000002')
        await expect(till.lines).toHaveCount(0)
        await dialog.getByRole('button', { name: till.t('common.close'), exact: true }).last().click()
      })

      await test.step('without a receipt', async () => {
        await till.put(cheap)
        await till.page.keyboard.press('F7')
        await front.look('return-offers-blind')
        await till.button('pos.blind.title').click()
        const dialog = till.dialog('pos.blind.title')
        await dialog.getByRole('button', { name: till.t('pos.return.reason.quality') }).click()
        await front.look('blind-return')
        await dialog.getByRole('button', { name: till.t('pos.return.pay_back') }).click()
        await till.approve('manager', pin)
        await expect(dialog).toContainText('-B00001')
        await dialog.getByRole('button', { name: till.t('common.close'), exact: true }).last().click()
      })

      await test.step('the back office shows both', async () => {
        await admin.open('/blind-returns')
        await expect(admin.rows('orders.blind_title')).toHaveCount(1)
        await expect(admin.rows('orders.blind_title')).toContainText(cheap.name)
        await back.look('blind-returns')
        const orders = await aisle.orders()
        const taken = orders.find(({ total_fen }) => total_fen === dear.price_fen)
        await admin.open(`/orders/${taken?.id}`)
        await expect(admin.page.getByRole('region', { name: admin.t('orders.exchange') })).toContainText('-R00001')
        await back.look('order-exchanged')
        await admin.open('/orders')
        await admin.page.getByRole('button', { name: admin.t('orders.more') }).click()
        await expect(admin.page.getByRole('textbox', { name: admin.t('orders.total_min') })).toBeVisible()
        await back.look('orders-more-filters')
      })
    })
  })
}
