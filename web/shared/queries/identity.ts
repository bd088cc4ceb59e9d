import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { identity } from '../api/identity'

export const identityKeys = {
  hints: ['identity', 'sign-in-hints'] as const,
  terminals: ['identity', 'terminals'] as const,
}

/** Demo sign-ins, empty once they are changed. */
export const useSignInHints = () =>
  useQuery({ queryKey: identityKeys.hints, queryFn: identity.listSignInHints, retry: false })

export const useTerminals = () =>
  useQuery({ queryKey: identityKeys.terminals, queryFn: () => identity.listTerminals({ limit: 500 }) })

function useTerminalChange<Input, Output>(call: (input: Input) => Promise<Output>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSettled: () => cache.invalidateQueries({ queryKey: identityKeys.terminals }),
  })
}

export const useEnrolTerminal = () => useTerminalChange(identity.enrolTerminal)
export const useRevokeTerminal = () => useTerminalChange(identity.revokeTerminal)
export const useUpdateTerminal = () =>
  useTerminalChange(({ id, ...fields }: { id: number } & Parameters<typeof identity.updateTerminal>[1]) =>
    identity.updateTerminal(id, fields),
  )
