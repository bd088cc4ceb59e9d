import { expect, it } from 'vitest'
import en from './en.json'
import zh from './zh-CN.json'

interface Tree {
  [key: string]: string | Tree
}

function keys(tree: Tree, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [prefix + key] : keys(value, `${prefix}${key}.`),
  )
}

const sources = import.meta.glob<string>(['/{admin,pos,shared}/**/*.{vue,ts}', '!/**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
})

it('says everything in both languages', () => {
  expect(keys(en).sort()).toEqual(keys(zh).sort())
})

it('has a text for every key the pages ask for', () => {
  const known = new Set(keys(zh))
  const missing = Object.entries(sources).flatMap(([file, text]) =>
    [...text.matchAll(/(?<!\w)\$?t\(\s*'([^']+)'/g)]
      .map(([, key = '']) => key)
      .filter((key) => !known.has(key))
      .map((key) => `${file}: ${key}`),
  )
  expect(missing).toEqual([])
})
