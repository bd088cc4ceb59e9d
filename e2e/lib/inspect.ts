/** What every page must be: in words, without complaints, no wider than the window. */
import { copyFile, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Page, expect } from '@playwright/test'
import { text } from './words'

const update = process.env.UPDATE_SCREENSHOTS === '1'
const here = import.meta.dirname
const mostBytes = 300_000

/**
 * Answers that are part of the day: nobody is signed in yet, somebody has to approve, a password, a PIN or a code is wrong,
 * the till has no printer, or was ended; a customer's link leads nowhere.
 */
const expected = [
  /\/sessions(\/current|\/pin)?$/,
  /\/(orders|returns|blind-returns)\/[^/]+\/print$/,
  /\/orders\/[^/]+\/exchanges$/,
  /\/blind-returns\/[^/]+$/,
  /\/receipts\/[^/]+$/,
  /\/drawer\/open$/,
  /\/enrolments$/,
  /\/events$/,
  /\/terminals\/(token|self\/report)$/,
]

export class Inspector {
  private readonly complaints: string[] = []

  constructor(
    private readonly page: Page,
    private readonly language: string,
  ) {
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('console', (message) => {
      const url = message.location().url
      if (message.type() !== 'error' || expected.some((path) => path.test(url))) return
      this.complaints.push(`${message.text()} ${url}`)
    })
  }

  /** Looks at the page as it is now; also keeps its picture when pictures are asked for. */
  async look(name: string, image?: string): Promise<void> {
    await expect(this.page.getByRole('status', { name: text(this.language, 'common.loading'), exact: true })).toHaveCount(0)
    expect.soft(await this.page.evaluate(untranslated), `${name}: words without translation`).toEqual([])
    const [wide, wins] = await this.page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth])
    expect.soft(wide, `${name}: width`).toBeLessThanOrEqual(wins ?? 0)
    expect.soft(this.complaints.splice(0), `${name}: complaints`).toEqual([])
    if (update) await this.keep(name, image)
  }

  private async keep(name: string, image: string | undefined): Promise<void> {
    const folder = join(here, '../screenshots', this.language)
    const file = join(folder, `${name}.png`)
    await mkdir(folder, { recursive: true })
    await this.page.mouse.move(0, 0)
    // Charts draw themselves and messages fade by their own clocks.
    await this.page.waitForTimeout(1200)
    await this.page.screenshot({ path: file, animations: 'disabled' })
    expect.soft((await stat(file)).size, `${name}: bytes`).toBeLessThan(mostBytes)
    if (image) {
      const images = join(here, '../../docs/images')
      await mkdir(images, { recursive: true })
      await copyFile(file, join(images, `${image}.png`))
    }
  }
}

function untranslated(): string[] {
  const key = /^[a-z]+(\.[a-z_]+)+$/
  const found: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT)
  for (let node: Node | null = walker.currentNode; node; node = walker.nextNode()) {
    if (node instanceof Text && !['SCRIPT', 'STYLE'].includes(node.parentElement?.tagName ?? '')) found.push(node.data.trim())
    if (node instanceof Element) {
      for (const name of ['aria-label', 'placeholder', 'title', 'alt']) found.push(node.getAttribute(name) ?? '')
    }
  }
  return found.filter((each) => key.test(each))
}
