import { yuan } from '../lib/faces'
import { Printer } from '../lib/printer'
import { badRows, goodGoods, sheet } from '../lib/sheet'
import { expect, test } from '../lib/test'

test('goods from a sheet are imported, sold by scanner, counted in stock and their receipt is printed again', async ({
  aisle,
  admin,
  till,
}) => {
  test.setTimeout(120_000)
  const [fresh] = goodGoods
  const known = await aisle.goods(4)
  const [watched] = known
  if (!watched) throw new Error('the demo shop has no goods')
  const printer = await Printer.open()

  await test.step('the bad rows of a sheet are shown with their reasons, the good ones are applied', async () => {
    await admin.signIn()
    await admin.menu('imports.title')
    await admin.page.locator('input[type=file]').setInputFiles(sheet)
    await expect(admin.page.getByRole('heading', { name: sheet.name })).toBeVisible()
    await expect(admin.button('imports.apply')).toBeVisible()

    const rows = admin.rows('imports.rows_title')
    await expect(rows).toHaveCount(badRows)
    await expect(rows.filter({ hasText: '三块五' })).toContainText(admin.t('imports.reason.not_a_number'))
    await expect(rows.filter({ hasText: '校验位' })).toHaveCount(1)
    await expect(rows.filter({ hasText: admin.t('imports.reason.required') })).toHaveCount(1)

    await admin.button('imports.apply').click()
    await expect(admin.page.getByText(admin.t('state.import.applied'), { exact: true })).toBeVisible()
    expect((await aisle.product(fresh.barcode)).price_fen).toBe(fresh.price_fen)
  })

  await test.step('a till is enrolled by the manager and given a printer', async () => {
    await till.enrol('1号收银台')
    await admin.setPrinter('1号收银台', printer.address)
    await till.signOut()
    await till.fillSignIn('cashier')
    await till.ready()
  })

  const before = await admin.onHand(watched.barcode)
  const sold = [...known, fresh]
  const total = sold.reduce((sum, { price_fen }) => sum + price_fen, 0)

  await test.step('five goods are scanned while the focus is anywhere but where it should be', async () => {
    const [first, second, third, fourth] = known
    if (!first || !second || !third || !fourth) throw new Error('too few goods')
    await till.page.keyboard.type('niu', { delay: 90 })
    await till.put(first)
    await till.page.getByRole('button', { name: 'English' }).focus()
    await till.put(second)
    await till.page.getByRole('group', { name: till.t('pos.keys.title') }).getByRole('button').first().focus()
    await till.put(third)
    await till.page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur())
    await till.put(fourth)
    await till.entry.focus()
    await till.put(fresh)
    await expect(till.lines).toHaveCount(sold.length)
    await expect(till.entry).toHaveValue('')
    await expect(till.page.getByRole('dialog')).toHaveCount(0)
  })

  await test.step('two key presses pay, and the change is shown', async () => {
    await till.payExactly()
    await expect(till.dialog('pos.done.title')).toContainText(yuan(total))
    await expect(till.dialog('pos.done.title').locator('output')).toHaveText('¥0.00')
    await till.next()
    await expect(till.lines).toHaveCount(0)
  })

  await test.step('a larger note gives the right change', async () => {
    await till.put(watched)
    await till.page.keyboard.press('F9')
    await expect(till.due).toHaveText(`¥${yuan(watched.price_fen)}`)
    await till.page.keyboard.type('100')
    await till.page.keyboard.press('Enter')
    await expect(till.dialog('pos.done.title').locator('output')).toHaveText(`¥${yuan(10_000 - watched.price_fen)}`)
    await till.next()
  })

  await test.step('stock and its history say what was sold', async () => {
    expect(await admin.onHand(watched.barcode)).toBe(before - 2)
    await admin.rows('inventory.title').getByRole('link', { name: admin.t('inventory.moves') }).click()
    const sales = admin.rows('inventory.ledger').filter({ hasText: admin.t('reason.sale') })
    await expect(sales).toHaveCount(2)
    await expect(sales.first()).toContainText('-1')
    await expect(sales.first()).toContainText(String(before - 2))
    await sales.first().getByRole('link').click()
    await expect(admin.page.getByText(admin.t('state.order.paid'), { exact: true })).toBeVisible()
    await expect(admin.page.getByRole('document', { name: admin.t('orders.receipt') })).toContainText(watched.name)
  })

  await test.step('a receipt printed again says so', async () => {
    await expect.poll(() => printer.slips.length).toBe(2)
    await till.page.keyboard.press('F11')
    await till.dialog('pos.recent.title').getByRole('listitem').last().getByRole('button').click()
    const receipt = till.dialog('pos.receipt.title')
    await expect(receipt).toContainText(fresh.name)
    await expect(receipt).not.toContainText('*** 重打')
    await receipt.getByRole('button', { name: till.t('pos.receipt.print'), exact: true }).click()
    await expect(receipt).toContainText(till.t('pos.receipt.printed'))
    await expect.poll(() => printer.slips.length).toBe(3)
    await expect(receipt).toContainText('*** 重打 1 ***')
    printer.close()
  })
})
