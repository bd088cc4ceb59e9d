import { useQuery } from '@tanstack/vue-query'
import { identity } from '../api/identity'

export const identityKeys = {
  hints: ['identity', 'sign-in-hints'] as const,
  terminals: ['identity', 'terminals'] as const,
}

/** Demo sign-ins, empty once they are changed. */
export const useSignInHints = () =>
  useQuery({ queryKey: identityKeys.hints, queryFn: identity.listSignInHints, retry: false })
