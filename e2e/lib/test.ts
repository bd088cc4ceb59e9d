import { type Browser, type BrowserContext, type Page, test as base } from '@playwright/test'
import { Aisle, type Settings } from './aisle'
import { Admin, Till } from './faces'

export type Language = 'zh-CN' | 'en'

interface Fixtures {
  /** The server of this test; afterwards it is stopped and `aisle verify` must find nothing. */
  aisle: Aisle
  language: Language
  /** Under which the server of this test runs. */
  settings: Settings
  admin: Admin
  till: Till
}

export const test = base.extend<Fixtures>({
  language: ['zh-CN', { option: true }],
  settings: [{}, { option: true }],
  aisle: async ({ settings }, use) => {
    const aisle = await Aisle.open(settings)
    await use(aisle)
    await aisle.close()
  },
  // Each face is a browser of its own: one cookie cannot be the manager and the cashier.
  admin: async ({ aisle, browser, language }, use) => {
    const { context, page } = await open(browser, aisle, language)
    await use(new Admin(page, language))
    await context.close()
  },
  till: async ({ aisle, browser, language }, use) => {
    const { context, page } = await open(browser, aisle, language)
    await use(new Till(page, language, (name) => aisle.enrolmentCode(name)))
    await context.close()
  },
})

export { expect } from '@playwright/test'

async function open(browser: Browser, aisle: Aisle, language: Language): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ baseURL: aisle.url, locale: language })
  await context.addInitScript((chosen) => {
    if (!localStorage.getItem('aisle.language')) localStorage.setItem('aisle.language', chosen)
  }, language)
  return { context, page: await context.newPage() }
}
