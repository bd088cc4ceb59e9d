import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { identity } from '../api/identity'

export const identityKeys = {
  hints: ['identity', 'sign-in-hints'] as const,
  terminals: ['identity', 'terminals'] as const,
}

/** Demo sign-ins, empty once they are changed. */
export const useSignInHints = () =>
  useQuery({ queryKey: identityKeys.hints, queryFn: identity.listSignInHints, retry: false })

/** Who falls silent tells nobody: the list asks by itself too. */
export const useTerminals = () =>
  useQuery({
    queryKey: identityKeys.terminals,
    queryFn: () => identity.listTerminals({ limit: 500 }),
    refetchInterval: 30_000,
  })

function useTerminalChange<Input, Output>(call: (input: Input) => Promise<Output>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSettled: () => cache.invalidateQueries({ queryKey: identityKeys.terminals }),
  })
}

export const useMakeEnrolmentCode = () => useTerminalChange(identity.makeEnrolmentCode)
export const useMakeEnrolmentCodeAgain = () => useTerminalChange(identity.makeEnrolmentCodeAgain)
export const useRevokeTerminal = () => useTerminalChange(identity.revokeTerminal)
export const useUpdateTerminal = () =>
  useTerminalChange(({ id, ...fields }: { id: number } & Parameters<typeof identity.updateTerminal>[1]) =>
    identity.updateTerminal(id, fields),
  )

export { onTokenDead } from '../api/http'
export const takeEnrolmentCode = (body: Parameters<typeof identity.takeEnrolmentCode>[0]) =>
  identity.takeEnrolmentCode(body)
export const makeChallenge = () => identity.makeChallenge()
export const renewToken = (body: Parameters<typeof identity.renewToken>[0]) => identity.renewToken(body)
export const reportDevice = (body: Parameters<typeof identity.reportDevice>[0]) => identity.reportDevice(body)
