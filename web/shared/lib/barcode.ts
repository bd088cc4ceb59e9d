/** Whether a code of 8, 12, 13 or 14 digits ends with the right GS1 check digit. */
export function hasValidCheckDigit(code: string): boolean {
  if (!/^(\d{8}|\d{12,14})$/.test(code)) return false
  return checkDigit(code.slice(0, -1)) === Number(code.at(-1))
}

/** The GS1 check digit for the digits before it: weights 3, 1, 3 … from the right. */
export function checkDigit(digits: string): number {
  let sum = 0
  for (let i = 0; i < digits.length; i += 1) {
    const weight = (digits.length - i) % 2 === 1 ? 3 : 1
    sum += Number(digits[i]) * weight
  }
  return (10 - (sum % 10)) % 10
}
