/** Who is signed in, and the devices of a store. */
import type { Store } from './catalog'
import { http, type ListQuery, type Page } from './http'

export interface User {
  id: number
  username: string
  name: string
  role: string
}

export type TerminalKind = 'pos' | 'kiosk'

export interface SessionTerminal {
  id: number
  no: number
  name: string
  kind: TerminalKind
  store_id: number
}

export interface CurrentSession {
  user: User | null
  permissions: string[]
  store: Store | null
  terminal: SessionTerminal | null
}

export interface Printer {
  address: string
  width: 58 | 80
}

export interface Terminal extends SessionTerminal {
  printer: Printer | null
  created_at: string | null
  last_seen_at: string | null
  revoked: boolean
}

export interface SignInHint {
  username: string
  password: string
}

export const identity = {
  currentSession: () => http.get<CurrentSession>('/sessions/current'),
  signIn: (username: string, password: string) => http.post<unknown>('/sessions', { username, password }),
  signOut: () => http.delete('/sessions/current'),
  listSignInHints: () => http.get<{ demo: SignInHint[] }>('/sign-in-hints'),
  listTerminals: (query: ListQuery) => http.get<Page<Terminal>>('/terminals', query),
  enrolTerminal: (body: { store_id?: number; name: string; kind: TerminalKind }) =>
    http.post<Terminal & { token: string }>('/terminals', body),
  updateTerminal: (id: number, body: { name?: string; printer?: Printer | null }) =>
    http.patch<Terminal>(`/terminals/${id}`, body),
  revokeTerminal: (id: number) => http.delete(`/terminals/${id}`),
}
