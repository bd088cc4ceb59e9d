/** The people who sign in, their roles, sessions and approvals. */
import { http, type Page } from './http'
import type { Answer, Request } from './schema'

export type Person = Answer<'PersonView'>
export type Role = Answer<'RoleView'>
export type Grant = 'allowed' | 'approval' | 'denied'
export type OpenSession = Answer<'SessionView'>
export type ApprovalCode = Answer<'ApprovalCode'>
export type OfferedSecondFactor = Answer<'OfferedSecondFactor'>

export const people = {
  listUsers: () => http.get<Page<Person>>('/users'),
  addUser: (body: Request<'AddUser'>) => http.post<Person>('/users', body),
  changeUser: (id: number, body: Request<'ChangeUser'>) => http.patch<Person>(`/users/${id}`, body),
  resetPassword: (id: number, body: Request<'ResetPassword'>) => http.post<undefined>(`/users/${id}/password`, body),
  releaseUser: (id: number) => http.post<Person>(`/users/${id}/release`, {}),
  revealUser: (id: number) => http.post<Answer<'RevealedUser'>>(`/users/${id}/reveal`, {}),
  removeSecondFactorOf: (id: number) => http.delete(`/users/${id}/second-factor`),
  endSessionsOf: (id: number) => http.delete(`/users/${id}/sessions`),
  listRoles: () => http.get<Answer<'RoleList'>>('/roles'),
  addRole: (body: Request<'WriteRole'>) => http.post<Role>('/roles', body),
  changeRole: (role: string, body: Request<'WriteRole'>) => http.put<Role>(`/roles/${role}`, body),
  deleteRole: (role: string) => http.delete(`/roles/${role}`),
  changeOwnPassword: (body: Request<'ChangePassword'>) => http.post<undefined>('/users/current/password', body),
  setOwnPin: (body: Request<'SetPin'>) => http.post<undefined>('/users/current/pin', body),
  ownSecondFactor: () => http.get<Answer<'SecondFactorView'>>('/users/current/second-factor'),
  beginSecondFactor: (password: string) => http.post<OfferedSecondFactor>('/users/current/second-factor', { password }),
  confirmSecondFactor: (code: string) =>
    http.post<Answer<'RecoveryCodes'>>('/users/current/second-factor/confirm', { code }),
  renewRecoveryCodes: (body: Request<'ProveSecondFactor'>) =>
    http.post<Answer<'RecoveryCodes'>>('/users/current/second-factor/recovery-codes', body),
  removeOwnSecondFactor: (body: Request<'ProveSecondFactor'>) =>
    http.post<undefined>('/users/current/second-factor/remove', body),
  listOwnSessions: () => http.get<Page<OpenSession>>('/sessions'),
  endSession: (id: string) => http.delete(`/sessions/${id}`),
  endOtherSessions: () => http.delete('/sessions'),
  approve: (body: Request<'Approve'>) => http.post<Answer<'ApprovalView'>>('/approvals', body),
  listApprovable: () => http.get<Answer<'Approvable'>>('/approval-codes'),
  makeApprovalCode: (permission: string) => http.post<ApprovalCode>('/approval-codes', { permission }),
}
