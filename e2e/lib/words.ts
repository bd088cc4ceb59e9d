/** The words of the pages, from the files the pages take them from. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

type Words = { [key: string]: string | Words }

const folder = join(import.meta.dirname, '../../web/shared/locales')
const words = new Map<string, Words>()

export function text(language: string, key: string, values: Record<string, string | number> = {}): string {
  const known = words.get(language) ?? (JSON.parse(readFileSync(join(folder, `${language}.json`), 'utf8')) as Words)
  words.set(language, known)
  const found = key.split('.').reduce<string | Words | undefined>((at, part) => (typeof at === 'object' ? at[part] : undefined), known)
  if (typeof found !== 'string') throw new Error(`${language} has no word for ${key}`)
  return found.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}
