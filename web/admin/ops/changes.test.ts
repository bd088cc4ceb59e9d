import { expect, it } from 'vitest'
import { readDetail } from './changes'

it('reads the changes of one thing and leaves the rest as it is', () => {
  const detail = { product_id: 7, name: '可乐', changes: { price_fen: [300, 350] } }
  expect(readDetail(detail)).toEqual({
    things: [{ name: '', changes: [{ field: 'price_fen', before: 300, after: 350 }] }],
    rest: [
      ['product_id', 7],
      ['name', '可乐'],
    ],
  })
})

it('reads the changes of each of several things', () => {
  const detail = { count: 2, items: [{ name: '可乐', changes: { state: [null, 'new'] } }, { name: '水', changes: {} }] }
  const { things, rest } = readDetail(detail)
  expect(things).toEqual([{ name: '可乐', changes: [{ field: 'state', before: null, after: 'new' }] }])
  expect(rest).toEqual([['count', 2]])
})

it('says nothing of entries without particulars or in a form of before', () => {
  expect(readDetail(null)).toEqual({ things: [], rest: [] })
  expect(readDetail({ changes: [1], items: 'x' }).things).toEqual([])
})
