import { expect, it } from 'vitest'
import { checkDigit, hasValidCheckDigit } from './barcode'

it.each(['6901234567892', '96385074', '036000291452', '10614141000415'])('%s is right', (code) =>
  expect(hasValidCheckDigit(code)).toBe(true))

it.each(['6901234567893', '1234', 'abc', '69012345678921'])('%s is wrong', (code) =>
  expect(hasValidCheckDigit(code)).toBe(false))

it('makes the digit', () => expect(checkDigit('690123456789')).toBe(2))
