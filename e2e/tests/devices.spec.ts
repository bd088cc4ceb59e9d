import { Inspector } from '../lib/inspect'
import { type Language, expect, test } from '../lib/test'

const managersPin = '2580'
const languages: Language[] = ['zh-CN', 'en']

for (const language of languages) {
  test.describe(language, () => {
    test.use({ language })

    test('a till is enrolled by a code, locked, taken over with its basket, and ended', async ({ aisle, admin, till }) => {
      test.setTimeout(90_000)
      const [product, second] = await aisle.goods(2)
      if (!product || !second) throw new Error('the demo shop has too few goods')
      const name = language === 'en' ? 'Till 1' : '1号收银台'
      const back = new Inspector(admin.page, language)
      const front = new Inspector(till.page, language)
      const row = admin.rows('terminals.title').filter({ hasText: name })

      await test.step('a wrong code makes nothing', async () => {
        await till.page.goto('/pos/')
        await till.typeCode('AAAA-BBBB')
        await expect(till.page.getByRole('alert')).toHaveText(till.t('errors.bad_code'))
        await till.page.goto('/pos/')
        await front.look('enrol')
      })

      await test.step('a manager makes a code, and the till takes it', async () => {
        await admin.signIn()
        await admin.menu('terminals.title')
        await admin.button('terminals.enrol').click()
        const dialog = admin.page.getByRole('dialog', { name: admin.t('terminals.enrol') })
        await dialog.getByRole('textbox', { name: admin.t('terminals.name') }).fill(name)
        await dialog.getByRole('button', { name: admin.t('terminals.make_code') }).click()
        const code = await dialog.locator('output').innerText()
        await expect(dialog.getByRole('img', { name: admin.t('terminals.qr') })).toBeVisible()
        await back.look('enrolment-code')
        await till.page.goto(`/pos/#enrol=${code.replace('-', '')}`)
        await till.button('pos.enrol.submit').click()
        await expect(till.button('sign_in.submit')).toBeVisible()
        expect(till.page.url()).not.toContain('enrol')
        await expect(dialog.getByText(admin.t('terminals.code_taken', { name }))).toBeVisible()
        await dialog.getByRole('button', { name: admin.t('common.close') }).last().click()
      })

      await test.step('the list says who is there', async () => {
        await till.fillSignIn('cashier')
        await till.ready()
        await expect(row).toContainText(admin.t('state.terminal.online'))
        await expect(row).toContainText(admin.t('terminals.keyed'))
        await expect(row).toContainText('李收银')
      })

      await test.step('a locked till sells nothing and opens by PIN alone', async () => {
        await till.put(product)
        await till.page.keyboard.press('Control+l')
        await expect(till.locked).toBeVisible()
        await front.look('locked')
        await till.page.keyboard.press('Escape')
        await till.page.keyboard.press('Escape')
        await expect(till.locked).toBeVisible()
        await till.page.reload()
        await expect(till.locked).toBeVisible()
        await till.unlock('cashier', '0000')
        await expect(till.locked.getByRole('alert')).toHaveText(till.t('errors.bad_pin'))
      })

      await test.step('another person goes on with the same basket and sells it', async () => {
        await till.unlock('manager', managersPin)
        await expect(till.locked).toBeHidden()
        await expect(till.cashier).toContainText('王店长')
        await expect(till.lines.filter({ hasText: product.name })).toHaveCount(1)
        await expect(row).toContainText('王店长')
        await back.look('tills-live')
        await till.put(second)
        await till.payExactly()
        await till.next()
        const [order] = (await aisle.get<{ items: { cashier: string; lines_count: number }[] }>('/orders')).items
        expect(order).toMatchObject({ lines_count: 2 })
        await admin.open('/till-events')
        await expect(admin.rows('ops.till.title').filter({ hasText: admin.t('ops.till.kinds.switch') })).toContainText('王店长')
        await expect(admin.rows('ops.till.title').filter({ hasText: admin.t('ops.till.kinds.lock') })).toHaveCount(1)
      })

      await test.step('a till that is ended stops within five seconds', async () => {
        await admin.menu('terminals.title')
        await row.getByRole('button', { name: admin.t('terminals.revoke') }).click()
        await admin.page.getByRole('dialog').getByRole('button', { name: admin.t('terminals.revoke') }).click()
        await expect(till.page.getByText(till.t('pos.enrol.ended'))).toBeVisible({ timeout: 5000 })
        await front.look('ended')
        await expect(row).toContainText(admin.t('state.terminal.revoked'))
      })
    })
  })
}

test('a stolen token and cookie are worth nothing once the token has died, and the till renews its own', async ({ aisle, till }) => {
  await till.openFor('cashier', '1号收银台')
  const stolen = await till.page.evaluate(() => localStorage.getItem('aisle.terminal') ?? '')
  expect(stolen).toMatch(/^ak_/)
  // As if it had died: no server knows this one.
  await till.page.evaluate(() => localStorage.setItem('aisle.terminal', 'ak_dead'))
  await till.page.reload()
  await till.ready()
  const renewed = await till.page.evaluate(() => localStorage.getItem('aisle.terminal') ?? '')
  expect(renewed).toMatch(/^ak_/)
  expect([stolen, 'ak_dead']).not.toContain(renewed)
  expect(await till.page.evaluate(() => Object.values(localStorage).join(' '))).not.toContain('PRIVATE')
  expect(await aisle.orders()).toHaveLength(0)
})

test('a cashier leaves while the server is gone, and a till goes on while it is in trouble', async ({ aisle, till }) => {
  await till.openFor('cashier', '1号收银台')
  await till.kept()
  await till.page.route('**/api/**', (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', body: '{"code":"trouble","retryable":true}' }))
  await till.page.reload()
  await expect(till.entry).toBeVisible()
  await expect(till.cashier).toContainText('李收银')
  await till.page.unroute('**/api/**')

  await aisle.kill()
  await expect(till.status).toHaveText(till.t('pos.header.offline'))
  await till.signOut()
  await till.page.reload()
  await expect(till.button('sign_in.submit')).toBeVisible()
  await aisle.start()
  await till.page.reload()
  await expect(till.button('sign_in.submit')).toBeVisible()
  await expect.poll(() => till.page.evaluate(() => localStorage.getItem('aisle.till.leaving'))).toBe('false')
  await till.fillSignIn('cashier')
  await till.ready()
})
