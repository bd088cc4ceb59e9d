import { expect, it } from 'vitest'
import { type Branch, placeFor, treeOf } from './tree'

const flat = [
  { id: 1, parent_id: null, name: 'Food', sort: 10, products: 0 },
  { id: 2, parent_id: 1, name: 'Snacks', sort: 20, products: 3 },
  { id: 3, parent_id: 1, name: 'Drinks', sort: 10, products: 5 },
  { id: 4, parent_id: null, name: 'Home', sort: 20, products: 1 },
]
const named = (branches: Branch[]): unknown[] => branches.map(({ name, children }) => [name, ...named(children)])

it('makes a tree in the order people gave', () => {
  expect(named(treeOf(flat))).toEqual([['Food', ['Drinks'], ['Snacks']], ['Home']])
})

it('leaves out a branch with all below it', () => {
  expect(named(treeOf(flat, 1))).toEqual([['Home']])
})

it('says what to save after a branch was dropped', () => {
  const tree = treeOf(flat)
  const [food, home] = tree
  const drinks = food?.children[0]
  if (!food || !home || !drinks) throw new Error('no tree')
  expect(placeFor(tree, home, food, 'inner')).toEqual([{ id: 4, parent_id: 1, sort: 30 }])
  expect(placeFor(tree, home, food, 'before')).toEqual([
    { id: 4, parent_id: null, sort: 10 },
    { id: 1, sort: 20 },
  ])
  expect(placeFor(tree, drinks, home, 'after')).toEqual([{ id: 3, parent_id: null, sort: 30 }])
})
