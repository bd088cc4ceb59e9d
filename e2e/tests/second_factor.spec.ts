import { Inspector } from '../lib/inspect'
import { type Language, expect, test } from '../lib/test'
import { totp } from '../lib/totp'

const languages: Language[] = ['zh-CN', 'en']

for (const language of languages) {
  test.describe(language, () => {
    test.use({ language })

    test('a manager sets up a second factor, signs in with its codes, and with a recovery code once', async ({ admin, till }) => {
      const { page } = admin
      const look = new Inspector(page, language)
      const box = (key: string) => page.getByRole('textbox', { name: admin.t(key), exact: true })
      const panel = page.getByRole('region', { name: admin.t('people.factor.title') })
      let secret = ''
      let recovery: string[] = []

      await test.step('a code of the app turns it on, and recovery codes are shown once', async () => {
        await admin.signIn()
        await admin.open('/account')
        await panel.getByRole('textbox', { name: admin.t('people.account.own_password') }).fill('aisle-demo')
        await panel.getByRole('button', { name: admin.t('people.factor.begin') }).click()
        await expect(panel.getByRole('img', { name: admin.t('people.factor.qr') })).toBeVisible()
        secret = (await panel.locator('output').innerText()).replaceAll(' ', '')
        await look.look('second-factor')
        await box('people.factor.code').fill(totp(secret))
        await admin.button('people.factor.confirm').click()
        const dialog = page.getByRole('dialog', { name: admin.t('people.factor.codes') })
        await expect(dialog.getByRole('listitem')).toHaveCount(10)
        recovery = await dialog.getByRole('listitem').allInnerTexts()
        await look.look('recovery-codes')
        await admin.button('people.factor.kept').click()
        await expect(panel).toContainText(admin.t('people.factor.on', { n: 10 }))
      })

      const signInAgain = async () => {
        await admin.button('common.sign_out').click()
        await admin.fillSignIn('manager')
        await expect(box('sign_in.code')).toBeFocused()
      }
      const menu = page.getByRole('navigation', { name: admin.t('menu.label') })

      await test.step('the password alone opens nothing; a used code and a wrong one are refused', async () => {
        await signInAgain()
        await look.look('sign-in-code')
        await box('sign_in.code').fill('000000')
        await admin.button('sign_in.submit').click()
        await expect(page.getByRole('alert')).toHaveText(admin.t('errors.bad_second_factor'))
        // The step of now was used up when it was turned on.
        await box('sign_in.code').fill(totp(secret, 1))
        await admin.button('sign_in.submit').click()
        await expect(menu).toBeVisible()
      })

      await test.step('a recovery code is good once', async () => {
        await signInAgain()
        await box('sign_in.code').fill(recovery[0] ?? '')
        await admin.button('sign_in.submit').click()
        await expect(menu).toBeVisible()
        await signInAgain()
        await box('sign_in.code').fill(recovery[0] ?? '')
        await admin.button('sign_in.submit').click()
        await expect(page.getByRole('alert')).toHaveText(admin.t('errors.bad_second_factor'))
        await box('sign_in.code').fill(recovery[1] ?? '')
        await admin.button('sign_in.submit').click()
        await expect(menu).toBeVisible()
        await admin.open('/account')
        await expect(panel).toContainText(admin.t('people.factor.on', { n: 8 }))
        await look.look('account')
      })

      await test.step('somebody who may do more takes it away', async () => {
        await admin.button('common.sign_out').click()
        await admin.signIn('admin')
        await admin.menu('people.users.title')
        const row = admin.rows('people.users.title').filter({ hasText: 'manager' })
        await look.look('users')
        await row.getByRole('button', { name: admin.t('people.users.remove_factor') }).click()
        await page.getByRole('dialog').getByRole('button', { name: admin.t('people.users.remove_factor') }).click()
        await expect(row.getByRole('button', { name: admin.t('people.users.remove_factor') })).toHaveCount(0)
        await till.page.goto('/admin/')
        await till.fillSignIn('manager')
        await expect(till.page.getByRole('navigation', { name: admin.t('menu.label') })).toBeVisible()
      })
    })
  })
}

test.describe('where the shop requires it', () => {
  test.use({ settings: { AISLE_REQUIRE_SECOND_FACTOR: 'true' } })

  test('a manager sees nothing before a second factor is set up, and everything after', async ({ admin, till }) => {
    const { page } = admin
    const panel = page.getByRole('region', { name: admin.t('people.factor.title') })
    await admin.open('/products')
    await admin.fillSignIn('manager')
    await expect(panel.getByRole('alert')).toHaveText(admin.t('people.factor.required'))
    await admin.open('/users')
    await expect(page).toHaveURL(/\/account$/)
    await panel.getByRole('textbox', { name: admin.t('people.account.own_password') }).fill('aisle-demo')
    await panel.getByRole('button', { name: admin.t('people.factor.begin') }).click()
    const secret = (await panel.locator('output').innerText()).replaceAll(' ', '')
    await page.getByRole('textbox', { name: admin.t('people.factor.code') }).fill(totp(secret))
    await admin.button('people.factor.confirm').click()
    await admin.button('people.factor.kept').click()
    await admin.menu('people.users.title')
    await expect(admin.rows('people.users.title').filter({ hasText: 'manager' })).toContainText(admin.t('people.users.pin_set'))

    // Who manages neither people nor roles works as before.
    await till.page.goto('/admin/')
    await till.fillSignIn('cashier')
    await expect(till.page.getByRole('navigation', { name: admin.t('menu.label') })).toBeVisible()
  })
})
