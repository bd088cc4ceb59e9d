/** The pages as people use them. */
import { type Locator, type Page, expect } from '@playwright/test'
import { text } from './words'

const password = 'aisle-demo'

abstract class Face {
  constructor(
    readonly page: Page,
    private readonly language: string,
  ) {}

  t(key: string, values?: Record<string, string | number>): string {
    return text(this.language, key, values)
  }

  button(key: string): Locator {
    return this.page.getByRole('button', { name: this.t(key), exact: true })
  }

  async fillSignIn(username: string, secret = password): Promise<void> {
    await this.page.getByRole('textbox', { name: this.t('sign_in.username') }).fill(username)
    await this.page.getByRole('textbox', { name: this.t('sign_in.password') }).fill(secret)
    await this.button('sign_in.submit').click()
  }
}

export class Admin extends Face {
  async signIn(username = 'manager'): Promise<void> {
    await this.page.goto('/admin/')
    await this.fillSignIn(username)
    await expect(this.page.getByRole('navigation', { name: this.t('menu.label') })).toBeVisible()
  }

  async open(path: string): Promise<void> {
    await this.page.goto(`/admin${path}`)
  }

  async menu(title: string): Promise<void> {
    await this.page.getByRole('navigation').getByRole('link', { name: this.t(title), exact: true }).click()
  }

  /** Rows of a list. */
  rows(label: string): Locator {
    return this.page.getByRole('region', { name: this.t(label), exact: true }).locator('tbody tr')
  }

  async setPrinter(till: string, address: string): Promise<void> {
    await this.menu('terminals.title')
    await this.rows('terminals.title').filter({ hasText: till }).getByRole('button', { name: this.t('common.edit') }).click()
    const dialog = this.page.getByRole('dialog', { name: this.t('terminals.edit') })
    await dialog.getByRole('textbox', { name: this.t('terminals.printer') }).fill(address)
    await dialog.getByRole('button', { name: this.t('common.save') }).click()
    await expect(dialog).toBeHidden()
  }

  /** Sets the PIN of the person who is signed in. */
  async setPin(pin: string): Promise<void> {
    await this.open('/account')
    const panel = this.page.getByRole('region', { name: this.t('people.account.pin'), exact: true })
    await panel.getByRole('textbox', { name: this.t('people.account.own_password') }).fill(password)
    await this.page.getByRole('textbox', { name: this.t('people.account.new_pin') }).fill(pin)
    await this.button('people.account.set_pin').click()
    await expect(this.page.getByText(this.t('people.account.pin_set'))).toBeVisible()
  }

  /** What the list of stock, freshly opened, says is on hand of one product. */
  async onHand(barcode: string): Promise<number> {
    await this.open('/stock')
    await this.page.getByRole('textbox', { name: this.t('catalog.products.search') }).fill(barcode)
    const row = this.rows('inventory.title')
    await expect(row).toHaveCount(1)
    await expect(row).toContainText(barcode)
    const head = this.page.getByRole('columnheader')
    const at = (await head.allInnerTexts()).findIndex((title) => title.trim() === this.t('inventory.on_hand'))
    return Number.parseFloat(await row.getByRole('cell').nth(at).innerText())
  }
}

export class Till extends Face {
  constructor(
    page: Page,
    language: string,
    /** Makes a code for a new till, as a manager does. */
    private readonly enrolmentCode: (name: string) => Promise<string>,
  ) {
    super(page, language)
  }

  async signIn(username: string): Promise<void> {
    await this.page.goto('/pos/')
    await this.fillSignIn(username)
  }

  async signOut(): Promise<void> {
    await this.button('common.sign_out').click()
    await expect(this.button('sign_in.submit')).toBeVisible()
  }

  /** Makes this browser a till, by a code that is typed. */
  async becomeTill(name: string): Promise<void> {
    await this.page.goto('/pos/')
    await this.typeCode(await this.enrolmentCode(name))
    await expect(this.button('sign_in.submit')).toBeVisible()
  }

  async typeCode(code: string): Promise<void> {
    await this.page.getByRole('textbox', { name: this.t('pos.enrol.code') }).fill(code)
    await this.button('pos.enrol.submit').click()
  }

  /** Makes this browser a till and leaves the manager signed in. */
  async enrol(name: string): Promise<void> {
    await this.becomeTill(name)
    await this.fillSignIn('manager')
    await this.ready()
  }

  /** The whole way: a till with the cashier at it. */
  async openFor(username: string, name: string): Promise<void> {
    await this.becomeTill(name)
    await this.fillSignIn(username)
    await this.ready()
  }

  /** Connected and with the goods in memory. */
  async ready(): Promise<void> {
    await expect(this.entry).toBeVisible()
    await expect(this.status).toHaveText(this.t('pos.header.online'))
    await expect(this.page.getByText(this.t('pos.entry.no_goods'))).toBeHidden()
  }

  /** This browser has the whole page and opens it without a network. */
  async kept(): Promise<void> {
    await this.page.evaluate(() => navigator.serviceWorker.ready)
  }

  get entry(): Locator {
    return this.page.getByRole('textbox', { name: this.t('pos.entry.label') })
  }

  get status(): Locator {
    return this.page.getByRole('banner').getByRole('status')
  }

  /** Who is at the till, as its header says. */
  get cashier(): Locator {
    return this.page.getByRole('banner').getByText(this.t('pos.header.cashier', { name: '' }).trim())
  }

  get locked(): Locator {
    return this.dialog('pos.lock.title')
  }

  async unlock(username: string, pin: string): Promise<void> {
    await this.locked.getByRole('textbox', { name: this.t('sign_in.username') }).fill(username)
    await this.locked.getByRole('textbox', { name: this.t('sign_in.pin') }).fill(pin)
    await this.page.keyboard.press('Enter')
  }

  get lines(): Locator {
    return this.page.getByRole('table', { name: this.t('pos.basket.title') }).locator('tbody tr')
  }

  get due(): Locator {
    return this.page.getByRole('dialog', { name: this.t('pos.pay.title') }).locator('.due')
  }

  unsent(n: number): Locator {
    return this.page.getByRole('button', { name: this.t('pos.header.unsent', { n }) })
  }

  dialog(key: string): Locator {
    return this.page.getByRole('dialog', { name: this.t(key), exact: true })
  }

  /** A scanner: a key every 4 ms by the keyboard's own clock, whatever has the focus, and Enter. */
  async scan(code: string): Promise<void> {
    const cdp = await this.page.context().newCDPSession(this.page)
    const keys = [...code].map((key) => ({ key, text: key, code: `Digit${key}`, windowsVirtualKeyCode: key.charCodeAt(0) }))
    const enter = { key: 'Enter', text: '\r', code: 'Enter', windowsVirtualKeyCode: 13 }
    const start = Date.now() / 1000
    await Promise.all(
      [...keys, enter].flatMap(({ text: typed, ...key }, at) => {
        const timestamp = start + at * 0.004
        return [
          cdp.send('Input.dispatchKeyEvent', { type: 'keyDown', ...key, text: typed, timestamp }),
          cdp.send('Input.dispatchKeyEvent', { type: 'keyUp', ...key, timestamp: timestamp + 0.002 }),
        ]
      }),
    )
    await cdp.detach()
  }

  /** Scans goods and waits until they are in the basket. */
  async put(...products: { barcode: string; name: string }[]): Promise<void> {
    for (const { barcode, name } of products) {
      await this.scan(barcode)
      await expect(this.lines.filter({ hasText: name }).first()).toBeVisible()
    }
  }

  /** A second person agrees by PIN. */
  async approve(username: string, pin: string): Promise<void> {
    const dialog = this.dialog('pos.approval.title')
    await dialog.getByRole('textbox', { name: this.t('pos.approval.username') }).fill(username)
    await dialog.getByRole('textbox', { name: this.t('pos.approval.pin') }).fill(pin)
    await this.page.keyboard.press('Enter')
    await expect(dialog).toBeHidden()
  }

  /** Two key presses: one asks for the money, one takes exactly what is due. */
  async payExactly(): Promise<void> {
    await this.page.keyboard.press('Enter')
    await expect(this.dialog('pos.pay.title')).toBeVisible()
    await this.page.keyboard.press('Enter')
    await expect(this.dialog('pos.done.title')).toBeVisible()
  }

  async next(): Promise<void> {
    await this.page.keyboard.press('Enter')
    await expect(this.dialog('pos.done.title')).toBeHidden()
  }
}

export function yuan(fen: number): string {
  return (fen / 100).toFixed(2)
}
