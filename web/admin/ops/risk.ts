/** Figures of risk and where the list behind each is: kinds not named here are kinds of till events. */
import type { Risk, RiskPerson } from '@/shared/api/sales'

export interface Days {
  from: string
  to: string
}

export interface Mark {
  person: RiskPerson
  kind: string
  per: Risk['kinds'][number]['per']
  figure: RiskPerson['figures'][number]
}

/** What the operation log calls it. */
const actions: Partial<Record<string, string>> = {
  order_cancel: 'order.cancel',
  order_return: 'order.return',
  order_return_blind: 'order.return_blind',
  price_override: 'price.override',
}

export function listOf(kind: string, person: RiskPerson, days: Days) {
  const { username, user_id } = person
  const action = actions[kind]
  if (action) return { path: '/operations', query: { ...days, action, actor: username } }
  switch (kind) {
    case 'sign_in_locked':
      return { path: '/operations', query: { ...days, action: 'user.locked', target: `user ${user_id}` } }
    case 'night':
      return { path: '/till-events', query: { ...days, actor: username } }
    default:
      return { path: '/till-events', query: { ...days, kind, actor: username } }
  }
}

/** Every figure that is marked, person by person. */
export function marksOf(risk: Risk): Mark[] {
  return risk.people.flatMap((person) =>
    risk.kinds.flatMap(({ kind, per }, at) => {
      const figure = person.figures[at]
      return figure?.unusual ? [{ person, kind, per, figure }] : []
    }),
  )
}

/** Tenths are enough for a comparison: `61538` → `61.5`, with a digit more below one. */
export function roughly(milli: number): number {
  const step = Math.abs(milli) < 1000 ? 10 : 100
  return Math.round(milli / step) * step
}
