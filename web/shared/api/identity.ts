/** Who is signed in, and the devices of a store. */
import { http, type ListQuery, type Page } from './http'
import type { Answer, Request } from './schema'

export type TerminalKind = 'pos' | 'kiosk'
export type CurrentSession = Answer<'CurrentSession'>
export type Terminal = Answer<'TerminalView'>
export type Printer = Request<'Printer'>
export type SignInHint = Answer<'SignInHint'>

export const identity = {
  currentSession: (signal?: AbortSignal) => http.get<CurrentSession>('/sessions/current', undefined, signal),
  signIn: (username: string, password: string) => http.post<unknown>('/sessions', { username, password }),
  signInByPin: (username: string, pin: string) => http.post<unknown>('/sessions/pin', { username, pin }),
  signOut: () => http.delete('/sessions/current'),
  listSignInHints: () => http.get<Answer<'SignInHints'>>('/sign-in-hints'),
  listTerminals: (query: ListQuery) => http.get<Page<Terminal>>('/terminals', query),
  enrolTerminal: (body: Request<'EnrolTerminal'>) =>
    http.post<Answer<'EnrolledTerminal'>>('/terminals', body),
  updateTerminal: (id: number, body: Request<'ChangeTerminal'>) =>
    http.patch<Terminal>(`/terminals/${id}`, body),
  revokeTerminal: (id: number) => http.delete(`/terminals/${id}`),
}
