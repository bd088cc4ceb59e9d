import { useMutation, useQuery, useQueryClient } from '@tanstack/vue-query'
import { people } from '../api/people'

export { onApprovalNeeded } from '../api/http'

export const peopleKeys = {
  users: ['people', 'users'] as const,
  roles: ['people', 'roles'] as const,
  sessions: ['people', 'sessions'] as const,
  secondFactor: ['people', 'second-factor'] as const,
  approvable: ['people', 'approvable'] as const,
}

export const useUsers = () => useQuery({ queryKey: peopleKeys.users, queryFn: people.listUsers })
export const useRoles = () => useQuery({ queryKey: peopleKeys.roles, queryFn: people.listRoles })
export const useSecondFactor = () => useQuery({ queryKey: peopleKeys.secondFactor, queryFn: people.ownSecondFactor })
export const useApprovable = () => useQuery({ queryKey: peopleKeys.approvable, queryFn: people.listApprovable })
export const useOwnSessions = () => useQuery({ queryKey: peopleKeys.sessions, queryFn: people.listOwnSessions })

function useChange<Input, Output>(call: (input: Input) => Promise<Output>) {
  const cache = useQueryClient()
  return useMutation({
    mutationFn: call,
    onSettled: () => cache.invalidateQueries({ queryKey: ['people'] }),
  })
}

type Body<Call extends (id: never, body: never) => unknown> = Parameters<Call>[1]

export const useAddUser = () => useChange(people.addUser)
export const useChangeUser = () =>
  useChange(({ id, ...fields }: { id: number } & Body<typeof people.changeUser>) => people.changeUser(id, fields))
export const useResetPassword = () =>
  useChange(({ id, password }: { id: number; password: string }) => people.resetPassword(id, { password }))
export const useReleaseUser = () => useChange(people.releaseUser)
export const useRevealUser = () => useMutation({ mutationFn: people.revealUser })
export const useRemoveSecondFactorOf = () => useChange(people.removeSecondFactorOf)
export const useEndSessionsOf = () => useChange(people.endSessionsOf)
export const useAddRole = () => useChange(people.addRole)
export const useChangeRole = () =>
  useChange(({ role, ...fields }: { role: string } & Body<typeof people.changeRole>) => people.changeRole(role, fields))
export const useDeleteRole = () => useChange(people.deleteRole)
export const useChangeOwnPassword = () => useChange(people.changeOwnPassword)
export const useSetOwnPin = () => useChange(people.setOwnPin)
export const useBeginSecondFactor = () => useMutation({ mutationFn: people.beginSecondFactor })
/** What it changes is asked for again by whoever shows the recovery codes, once they are on the screen. */
export const useConfirmSecondFactor = () => useMutation({ mutationFn: people.confirmSecondFactor })
export function useAskAgain() {
  const cache = useQueryClient()
  return () => cache.invalidateQueries({ queryKey: ['people'] })
}
export const useRenewRecoveryCodes = () => useMutation({ mutationFn: people.renewRecoveryCodes })
export const useRemoveOwnSecondFactor = () => useChange(people.removeOwnSecondFactor)
export const useEndSession = () => useChange(people.endSession)
export const useEndOtherSessions = () => useChange(() => people.endOtherSessions())
export const useMakeApprovalCode = () => useMutation({ mutationFn: people.makeApprovalCode })
export const useApprove = () => useMutation({ mutationFn: people.approve })
