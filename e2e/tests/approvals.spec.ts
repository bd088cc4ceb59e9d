import { yuan } from '../lib/faces'
import { Printer } from '../lib/printer'
import { expect, test } from '../lib/test'

const pin = '902114'

test('the manager approves a price and a refund at the till by PIN, and both names are kept', async ({ aisle, admin, till }) => {
  test.setTimeout(120_000)
  const [first, second] = await aisle.goods(2)
  if (!first || !second) throw new Error('the demo shop has too few goods')
  const printer = await Printer.open()
  await admin.signIn()
  await admin.setPin(pin)
  await till.enrol('1号收银台')
  await admin.setPrinter('1号收银台', printer.address)
  await till.signOut()
  await till.fillSignIn('cashier')
  await till.ready()
  const given = first.price_fen - 50

  await test.step('a given price counts when the manager agrees, and not before', async () => {
    await till.put(first, second)
    await till.page.keyboard.press('ArrowUp')
    await till.page.keyboard.press('F4')
    const dialog = till.dialog('pos.action.price')
    await expect(dialog).toContainText(first.name)
    await dialog.getByRole('textbox', { name: till.t('pos.price.new') }).fill(yuan(given))
    await dialog.getByRole('button', { name: till.t('pos.price.reason.damaged') }).click()
    await dialog.getByRole('button', { name: till.t('pos.price.give') }).click()
    await expect(till.dialog('pos.approval.title')).toContainText(till.t('permission.price_override'))
    await till.page.keyboard.press('Escape')
    await expect(dialog.getByRole('alert')).toHaveText(till.t('errors.approval_needed'))
    await dialog.getByRole('button', { name: till.t('pos.price.give') }).click()
    await till.approve('manager', pin)
    await expect(dialog).toBeHidden()
    await expect(till.lines.filter({ hasText: first.name })).toContainText(yuan(given))
  })

  await test.step('the sale is paid at that price', async () => {
    await till.payExactly()
    await expect(till.dialog('pos.done.title')).toContainText(yuan(given + second.price_fen))
    await till.next()
    await expect.poll(() => printer.slips.length).toBe(1)
  })
  const [order] = await aisle.orders()
  if (!order) throw new Error('nothing was sold')
  expect(order.total_fen).toBe(given + second.price_fen)

  await test.step('one of its lines comes back: the receipt is scanned, the manager agrees, the drawer opens', async () => {
    await till.scan(order.no)
    const dialog = till.page.getByRole('dialog', { name: till.t('pos.return.title', { no: order.no }) })
    await dialog.getByRole('textbox', { name: `${till.t('pos.return.qty')} ${first.name}` }).fill('1')
    await dialog.getByRole('button', { name: till.t('pos.return.reason.quality') }).click()
    await expect(dialog.locator('.sum')).toContainText(yuan(given))
    await dialog.getByRole('button', { name: till.t('pos.return.pay_back') }).click()
    await expect(till.dialog('pos.approval.title')).toContainText(till.t('permission.order_return'))
    await till.approve('manager', pin)
    await expect(dialog.locator('output')).toHaveText(`¥${yuan(given)}`)
    await expect.poll(() => printer.slips.length).toBe(2)
    printer.close()
    await dialog.getByRole('button', { name: till.t('common.close'), exact: true }).last().click()
    await expect(dialog).toBeHidden()
  })

  await test.step('the order, the log and the stock say so', async () => {
    await admin.open(`/orders/${order.id}`)
    const returns = admin.page.getByRole('region', { name: admin.t('orders.returns') })
    await expect(returns).toContainText('王店长')
    await expect(admin.page.getByText(admin.t('pos.price.reason.damaged')).first()).toBeVisible()
    await admin.open('/operations?action=order.return')
    await expect(admin.rows('ops.log.title')).toHaveCount(1)
    await admin.rows('ops.log.title').getByText(admin.t('ops.actions.order.return')).click()
    const entry = admin.page.getByRole('dialog', { name: admin.t('ops.actions.order.return') })
    await expect(entry).toContainText('cashier')
    await expect(entry).toContainText('王店长')
    expect((await aisle.product(first.barcode)).qty_milli).toBe(first.qty_milli)
    expect((await aisle.product(second.barcode)).qty_milli).toBe(second.qty_milli - 1000)
  })
})

test('a cashier sees neither what goods cost nor what they earn, on any page and in any answer', async ({ aisle, admin }) => {
  const [product] = await aisle.goods(1)
  if (!product) throw new Error('the demo shop has no goods')
  const secrets: string[] = []
  let answers = 0
  admin.page.on('response', async (response) => {
    if (!response.url().includes('/api/v1/') || !response.headers()['content-type']?.includes('json')) return
    answers += 1
    const text = await response.text().catch(() => '')
    if (/"[a-z_]*(cost|margin|profit|value_fen|value_delta)[a-z_]*":/.test(text)) secrets.push(response.url())
  })
  await admin.signIn('cashier')
  const links = admin.page.getByRole('navigation', { name: admin.t('menu.label') }).getByRole('link')
  const paths = await links.evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).pathname))
  const own = ['/products/', '/stock/'].map((path) => `/admin${path}${product.id}`)
  expect(paths.length).toBeGreaterThan(3)
  for (const path of [...paths, ...own]) {
    await admin.page.goto(path)
    await expect(admin.page.getByRole('heading', { level: 1 })).toBeVisible()
    await admin.page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => undefined)
    const words = await admin.page.locator('body').innerText()
    expect.soft(words, path).not.toMatch(/进价|成本|毛利/)
  }
  expect(answers).toBeGreaterThan(10)
  expect(secrets).toEqual([])
})
