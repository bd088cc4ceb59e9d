import { Inspector } from '../lib/inspect'
import { type Language, expect, test } from '../lib/test'

const languages: Language[] = ['zh-CN', 'en']

for (const language of languages) {
  test.describe(language, () => {
    test.use({ language })

    test('a customer opens the receipt on a telephone', async ({ aisle, browser, till }) => {
      const goods = await aisle.goods(3)
      await till.openFor('cashier', '1号收银台')
      await till.put(...goods)
      await till.payExactly()
      await till.button('pos.receipt.show').click()
      await expect(till.page.getByRole('img', { name: till.t('receipt.qr') })).toBeVisible()
      const [order] = await aisle.orders()
      const link = await aisle.receiptLink(order?.id ?? '')

      const phone = await browser.newContext({
        baseURL: aisle.url,
        locale: language,
        viewport: { width: 390, height: 844 },
      })
      const page = await phone.newPage()
      const eye = new Inspector(page, language)
      const answer = await page.goto(link)
      expect(answer?.headers()['x-robots-tag']).toContain('noindex')
      await expect(page.getByText(goods[0]?.name ?? '')).toBeVisible()
      await expect(page.getByText(order?.no ?? '')).toBeVisible()
      await eye.look('phone-receipt')
      await page.goto(`${link}x`)
      await expect(page.getByText(goods[0]?.name ?? '')).toHaveCount(0)
      await eye.look('phone-receipt-unknown')
      await phone.close()
    })
  })
}
