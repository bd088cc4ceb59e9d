import { Inspector } from '../lib/inspect'
import { type Language, expect, test } from '../lib/test'

const languages: Language[] = ['zh-CN', 'en']
/** Codes as phones of WeChat and of Alipay show them. */
const wechat = (at: number) => `13${String(Date.now()).slice(-8)}0000000${at}`
const alipay = (at: number) => `28${String(Date.now()).slice(-8)}0000000${at}`

for (const language of languages) {
  test.describe(language, () => {
    test.use({ language })

    test('a customer pays by phone: a code to scan, a password, a second try, and with cash', async ({ aisle, admin, till }) => {
      test.setTimeout(240_000)
      const gateways = await aisle.gateways()
      const goods = (await aisle.goods(20)).find(({ price_fen }) => price_fen > 200)
      if (!goods) throw new Error('the demo shop has too few goods')
      const front = new Inspector(till.page, language)
      const back = new Inspector(admin.page, language)
      await till.openFor('cashier', language === 'en' ? 'Till 1' : '1号收银台')
      const dialog = till.dialog('pos.collect.title')
      const status = dialog.getByRole('status')
      const done = till.dialog('pos.done.title')
      const begin = async (): Promise<void> => {
        await till.put(goods)
        await till.page.keyboard.press('Enter')
        await expect(till.dialog('pos.pay.title')).toBeVisible()
      }

      await test.step('a code to scan', async () => {
        await begin()
        await front.look('pay-ways')
        await till.page.keyboard.press('F6')
        await expect(dialog.getByRole('img', { name: till.t('pos.collect.qr') })).toBeVisible()
        await front.look('pay-qr')
        await gateways.payNewest()
        await expect(done).toBeVisible({ timeout: 30_000 })
        await till.next()
      })

      await test.step('a password', async () => {
        await gateways.plan('user_paying:3')
        await begin()
        await till.scan(wechat(1))
        await expect(status).toContainText(till.t('pos.collect.state.user_paying'))
        await front.look('pay-password')
        await expect(done).toBeVisible({ timeout: 30_000 })
        await till.next()
      })

      await test.step('declined, then another code', async () => {
        await gateways.plan('not_enough')
        await begin()
        await till.scan(alipay(2))
        await expect(status).toContainText(till.t('pos.collect.state.declined'))
        await front.look('pay-declined')
        await till.scan(alipay(3))
        await expect(done).toBeVisible({ timeout: 30_000 })
        await till.next()
      })

      await test.step('part in cash, the rest by phone', async () => {
        await begin()
        await till.dialog('pos.pay.title').getByRole('textbox', { name: till.t('pos.pay.tendered') }).fill('1.00')
        await till.page.keyboard.press('F4')
        await expect(status).toContainText('1.00')
        await front.look('pay-part')
        await till.scan(wechat(4))
        await expect(done).toBeVisible({ timeout: 30_000 })
        await till.next()
      })

      await test.step('the back office', async () => {
        expect(await gateways.net()).toBe(goods.price_fen * 4 - 100)
        await admin.signIn()
        await admin.open('/money-in-doubt')
        await back.look('money-in-doubt')
        const [last] = await aisle.orders()
        await admin.open(`/orders/${last?.id}`)
        await back.look('order-payments')
      })
    })
  })
}
