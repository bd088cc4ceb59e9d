import { expect, test } from '../lib/test'

test('a sale made while the server is gone is kept, counted and sent exactly once', async ({ aisle, till }) => {
  const [product] = await aisle.goods(1)
  if (!product) throw new Error('the demo shop has no goods')
  await till.openFor('cashier', '1号收银台')

  await aisle.kill()
  await expect(till.status).toHaveText(till.t('pos.header.offline'))
  await till.put(product)
  await till.payExactly()
  await expect(till.page.getByText(till.t('pos.done.kept'))).toBeVisible()
  await till.next()
  await expect(till.unsent(1)).toBeVisible()

  await aisle.start()
  await expect(till.unsent(1)).toBeHidden({ timeout: 40_000 })
  await expect(till.status).toHaveText(till.t('pos.header.online'))
  expect(await aisle.orders()).toHaveLength(1)

  await till.page.reload()
  await till.ready()
  await expect(till.unsent(1)).toBeHidden()
  expect(await aisle.orders()).toHaveLength(1)
  expect((await aisle.product(product.barcode)).qty_milli).toBe(product.qty_milli - 1000)
})

test('a till that is reloaded while the server is gone goes on selling, and its sale is sent exactly once', async ({
  aisle,
  till,
}) => {
  const [product] = await aisle.goods(1)
  if (!product) throw new Error('the demo shop has no goods')
  await till.openFor('cashier', '1号收银台')
  await till.kept()
  const who = await till.cashier.innerText()

  await aisle.kill()
  await till.page.reload()
  await expect(till.entry).toBeVisible()
  await expect(till.status).toHaveText(till.t('pos.header.offline'))
  await expect(till.cashier).toHaveText(who)
  await till.put(product)
  await till.payExactly()
  await expect(till.page.getByText(till.t('pos.done.kept'))).toBeVisible()
  await till.next()
  await till.page.reload()
  await expect(till.unsent(1)).toBeVisible()

  await aisle.start()
  await expect(till.unsent(1)).toBeHidden({ timeout: 40_000 })
  await expect(till.status).toHaveText(till.t('pos.header.online'))
  await expect(till.cashier).toHaveText(who)
  expect(await aisle.orders()).toHaveLength(1)
  expect((await aisle.product(product.barcode)).qty_milli).toBe(product.qty_milli - 1000)
})

test('only the till is kept on the device, and never an answer of the server', async ({ aisle, till }) => {
  await till.openFor('cashier', '1号收银台')
  await till.kept()
  await till.page.reload()
  await till.ready()
  const kept = await till.page.evaluate(async () => {
    const caches = await Promise.all((await window.caches.keys()).map((name) => window.caches.open(name)))
    const requests = (await Promise.all(caches.map((cache) => cache.keys()))).flat()
    return requests.map(({ url }) => new URL(url).pathname)
  })
  expect(kept).toContain('/pos.html')
  expect(kept).not.toContain('/admin.html')
  expect(kept.filter((path) => path.startsWith('/api/'))).toEqual([])

  const back = await till.page.context().newPage()
  await back.goto(`${aisle.url}/admin/`)
  expect(await back.evaluate(() => navigator.serviceWorker.controller)).toBeNull()
})

test('a sale whose answer is lost on the way is one sale', async ({ aisle, till }) => {
  const [product] = await aisle.goods(1)
  if (!product) throw new Error('the demo shop has no goods')
  await till.openFor('cashier', '1号收银台')

  let sent = 0
  await till.page.route('**/api/v1/orders', async (route) => {
    if (route.request().method() !== 'POST') return route.continue()
    sent += 1
    const answer = await route.fetch()
    return sent === 1 ? route.abort('connectionreset') : route.fulfill({ response: answer })
  })
  await till.put(product)
  await till.payExactly()
  await expect(till.page.getByText(till.t('pos.done.kept'))).toBeVisible()
  await till.next()
  await expect(till.unsent(1)).toBeHidden({ timeout: 15_000 })

  expect(sent).toBe(2)
  expect(await aisle.orders()).toHaveLength(1)
  expect((await aisle.product(product.barcode)).qty_milli).toBe(product.qty_milli - 1000)
})
