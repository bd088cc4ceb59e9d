/** Who is signed in, and the devices of a store. */
import { http, type ListQuery, type Page } from './http'
import type { Answer, Request } from './schema'

export type TerminalKind = 'pos' | 'kiosk'
export type CurrentSession = Answer<'CurrentSession'>
export type Terminal = Answer<'TerminalView'>
export type Printer = Request<'Printer'>
export type SignInHint = Answer<'SignInHint'>
export type EnrolmentCode = Answer<'EnrolmentCodeView'>
export type Enrolment = Answer<'Enrolment'>

export const identity = {
  currentSession: (signal?: AbortSignal) =>
    http.get<CurrentSession>('/sessions/current', undefined, { signal, quiet: true }),
  /** What this device is, whoever is signed in. */
  currentDevice: (signal?: AbortSignal) =>
    http.get<CurrentSession>('/sessions/current', undefined, { signal, quiet: true, asDevice: true }),
  signIn: (username: string, password: string, code?: string) =>
    http.post<unknown>('/sessions', { username, password, code }),
  signInByPin: (username: string, pin: string) => http.post<unknown>('/sessions/pin', { username, pin }),
  signOut: (signal?: AbortSignal) => http.delete('/sessions/current', { quiet: true, signal }),
  listSignInHints: () => http.get<Answer<'SignInHints'>>('/sign-in-hints'),
  listTerminals: (query: ListQuery) => http.get<Page<Terminal>>('/terminals', query),
  updateTerminal: (id: number, body: Request<'ChangeTerminal'>) =>
    http.patch<Terminal>(`/terminals/${id}`, body),
  revokeTerminal: (id: number) => http.delete(`/terminals/${id}`),
  makeEnrolmentCode: (body: Request<'EnrolTerminal'>) => http.post<EnrolmentCode>('/enrolment-codes', body),
  makeEnrolmentCodeAgain: (id: number) => http.post<EnrolmentCode>(`/terminals/${id}/enrolment-code`),
  takeEnrolmentCode: (body: Request<'TakeEnrolmentCode'>) =>
    http.post<Enrolment>('/enrolments', body, { asStranger: true, quiet: true }),
  makeChallenge: () =>
    http.post<Answer<'ChallengeView'>>('/terminals/challenges', undefined, { asStranger: true, quiet: true }),
  renewToken: (body: Request<'RenewToken'>) =>
    http.post<Answer<'RenewedToken'>>('/terminals/token', body, { asStranger: true, quiet: true }),
  reportDevice: (body: Request<'ReportDevice'>) =>
    http.post<undefined>('/terminals/self/report', body, { asDevice: true, quiet: true }),
}
