import { Printer } from '../lib/printer'
import { expect, test } from '../lib/test'

const pin = '902114'

test('a cashier opens the drawer with the manager’s PIN, or with a code made elsewhere, and with neither not at all', async ({
  aisle,
  admin,
  till,
}) => {
  const printer = await Printer.open()
  await till.enrol('1号收银台')
  await admin.signIn()
  await admin.setPrinter('1号收银台', printer.address)
  await till.signOut()
  await till.fillSignIn('cashier')
  await till.ready()

  await test.step('the manager sets a PIN', () => admin.setPin(pin))

  const dialog = till.dialog('pos.approval.title')

  await test.step('a wrong PIN opens nothing, the right one does', async () => {
    await till.page.keyboard.press('F10')
    await expect(dialog).toContainText(till.t('permission.drawer_open'))
    await dialog.getByRole('textbox', { name: till.t('pos.approval.username') }).fill('manager')
    await dialog.getByRole('textbox', { name: till.t('pos.approval.pin') }).fill('9999')
    await till.page.keyboard.press('Enter')
    await expect(dialog.getByRole('alert')).toHaveText(till.t('errors.bad_pin'))
    expect(printer.slips).toHaveLength(0)
    await dialog.getByRole('textbox', { name: till.t('pos.approval.pin') }).fill(pin)
    await till.page.keyboard.press('Enter')
    await expect(dialog).toBeHidden()
    await expect.poll(() => printer.slips.length).toBe(1)
  })

  await test.step('a code read out by telephone does too, once', async () => {
    await admin.page.getByRole('combobox', { name: admin.t('people.account.code_for') }).press('Enter')
    await admin.page.getByRole('option', { name: admin.t('permission.drawer_open') }).click()
    await admin.button('people.account.make_code').click()
    const code = await admin.page.locator('output').innerText()
    for (const outcome of ['opened', 'refused']) {
      await till.page.keyboard.press('F10')
      await dialog.getByRole('button', { name: till.t('pos.approval.by_code') }).click()
      await dialog.getByRole('textbox', { name: till.t('pos.approval.code') }).fill(code)
      await till.page.keyboard.press('Enter')
      if (outcome === 'opened') await expect(dialog).toBeHidden()
      else await expect(dialog.getByRole('alert')).toHaveText(till.t('errors.bad_code'))
    }
    await till.page.keyboard.press('Escape')
    await expect(dialog).toBeHidden()
    await expect.poll(() => printer.slips.length).toBe(2)
    printer.close()
  })

  await test.step('a cashier signs in at the till by PIN', async () => {
    await admin.open('/users')
    await expect(admin.rows('people.users.title').filter({ hasText: 'manager' })).toContainText(admin.t('people.users.pin_set'))
    await till.signOut()
    await till.button('sign_in.by_pin').click()
    await till.page.getByRole('textbox', { name: till.t('sign_in.username') }).fill('manager')
    await till.page.getByRole('textbox', { name: till.t('sign_in.pin') }).fill(pin)
    await till.button('sign_in.submit').click()
    await till.ready()
  })

  expect(await aisle.verify()).not.toContain('broken')
})

test('a person added with a role of the shop’s own sees what it allows, until it is ended', async ({ admin, till }) => {
  await admin.signIn('admin')

  await test.step('a role is copied from a built-in one and named', async () => {
    await admin.menu('people.roles.title')
    await admin.page.getByRole('button', { name: admin.t('people.roles.copy_of', { name: admin.t('role.clerk') }) }).click()
    const dialog = admin.page.getByRole('dialog', { name: admin.t('people.roles.add') })
    await dialog.getByRole('textbox', { name: admin.t('people.roles.name') }).fill('盘点员')
    await dialog.getByRole('button', { name: admin.t('common.save') }).click()
    await expect(dialog).toBeHidden()
    await expect(admin.page.getByRole('columnheader', { name: '盘点员' })).toBeVisible()
  })

  await test.step('somebody is added who plays it', async () => {
    await admin.menu('people.users.title')
    await admin.button('people.users.add').click()
    const dialog = admin.page.getByRole('dialog', { name: admin.t('people.users.add') })
    await dialog.getByRole('textbox', { name: admin.t('people.users.username') }).fill('qian')
    await dialog.getByRole('textbox', { name: admin.t('people.users.name') }).fill('钱盘点')
    await dialog.getByRole('textbox', { name: admin.t('people.users.phone') }).fill('13812345678')
    await dialog.getByRole('combobox', { name: admin.t('people.users.role') }).press('Enter')
    await admin.page.getByRole('option', { name: '盘点员' }).click()
    await dialog.getByRole('textbox', { name: admin.t('people.users.password') }).fill('12345678')
    await dialog.getByRole('button', { name: admin.t('common.save') }).click()
    await expect(dialog.getByText(admin.t('errors.weak_password'))).toBeVisible()
    await dialog.getByRole('textbox', { name: admin.t('people.users.password') }).fill('three blue herons')
    await dialog.getByRole('button', { name: admin.t('common.save') }).click()
    await expect(dialog).toBeHidden()
    await expect(admin.rows('people.users.title').filter({ hasText: 'qian' })).toContainText('盘点员')
  })

  await test.step('the phone number is hidden until somebody asks for it', async () => {
    const row = admin.rows('people.users.title').filter({ hasText: 'qian' })
    await expect(row).toContainText('138****5678')
    await row.getByRole('button', { name: admin.t('people.users.reveal_of', { name: '钱盘点' }) }).click()
    await expect(row).toContainText('13812345678')
  })

  // The other browser stands for the new person's.
  const page = till.page
  await page.goto('/admin/')
  await page.getByRole('textbox', { name: admin.t('sign_in.username') }).fill('qian')
  await page.getByRole('textbox', { name: admin.t('sign_in.password') }).fill('three blue herons')
  await till.button('sign_in.submit').click()
  const menu = page.getByRole('navigation', { name: admin.t('menu.label') })
  await expect(menu.getByRole('link', { name: admin.t('inventory.title'), exact: true })).toBeVisible()
  await expect(menu.getByRole('link', { name: admin.t('people.users.title'), exact: true })).toHaveCount(0)

  const row = admin.rows('people.users.title').filter({ hasText: 'qian' })
  await row.getByRole('button', { name: admin.t('people.users.disable') }).click()
  await admin.page.getByRole('dialog').getByRole('button', { name: admin.t('people.users.disable') }).click()
  await expect(row).toContainText(admin.t('state.user.disabled'))
  await page.goto('/admin/stock')
  await expect(till.button('sign_in.submit')).toBeVisible()
})
