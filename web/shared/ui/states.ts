/** One colour for each state, the same on every page. The words are in the locales under `state.<family>`. */
export type Tone = 'good' | 'warn' | 'bad' | 'calm' | 'plain'

export const tones = {
  product: { new: 'calm', active: 'good', no_purchase: 'warn', no_sale: 'warn', retired: 'plain' },
  order: { received: 'calm', paid: 'good', cancelled: 'plain', partly_returned: 'warn', returned: 'plain' },
  payment: {
    succeeded: 'good',
    pending: 'calm',
    declined: 'bad',
    unknown: 'warn',
    reversed: 'plain',
  },
  attempt: {
    prepared: 'calm',
    dispatched: 'calm',
    user_paying: 'calm',
    unknown: 'warn',
    reversing: 'warn',
    differs: 'bad',
    succeeded: 'good',
    failed: 'bad',
    reversed: 'plain',
    late_paid: 'warn',
  },
  refund: { requested: 'calm', processing: 'calm', succeeded: 'good', abnormal: 'bad', settled: 'plain' },
  import: {
    checking: 'calm',
    checked: 'warn',
    applying: 'calm',
    applied: 'good',
    failed: 'bad',
    undone: 'plain',
  },
  user: { active: 'good', locked: 'warn', disabled: 'plain' },
  grant: { allowed: 'good', approval: 'warn', denied: 'plain' },
  terminal: { waiting: 'calm', active: 'good', online: 'good', offline: 'warn', revoked: 'plain' },
} as const satisfies Record<string, Record<string, Tone>>

export type StateFamily = keyof typeof tones

export function toneOf(family: StateFamily, state: string): Tone {
  const known: Record<string, Tone> = tones[family]
  return known[state] ?? 'plain'
}
