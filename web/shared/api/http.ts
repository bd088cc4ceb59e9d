/**
 * The only caller of fetch. Promises: every failure is an ApiError (the server said no) or an
 * OfflineError (nobody answered); a lost session is announced once, here.
 */
import { isAttended } from './attendance'
import { OfflineError, isSignInRefusal, readProblem } from './errors'

export type Query = Record<string, string | number | boolean | null | undefined>

export interface Page<T> {
  items: T[]
  next: string | null
}

export interface ListQuery {
  cursor?: string
  limit?: number
  sort?: string
}

interface Caller {
  signal?: AbortSignal
  /** A session that is not there is no news to anybody else. */
  quiet?: boolean
  /** The device asks, not the person at it. */
  asDevice?: boolean
  /** Neither person nor device is named. */
  asStranger?: boolean
}

interface Options extends Caller {
  query?: object
  body?: unknown
  headers?: Record<string, string>
  /** The yes of a second person, when there is one. */
  approval?: string
  /** Sent before, with a token that died. */
  again?: boolean
}

let terminalToken: string | null = null
let onSignedOut: () => void = () => undefined
let renewToken: () => Promise<boolean> = () => Promise.resolve(false)
let askApproval: ((permission: string) => Promise<string | null>) | undefined
/** Each yes whose call was not answered yet, by the call: it is good for the same one again. */
const unanswered = new Map<string, string>()

/** The till page names its device on every call. */
export function setTerminalToken(token: string | null): void {
  terminalToken = token
}

/** How a device's token that died is renewed; answers whether there is a new one. */
export function onTokenDead(renew: () => Promise<boolean>): void {
  renewToken = renew
}

export function onSessionLost(run: () => void): void {
  onSignedOut = run
}

/** Where a second person can be asked: answers the id of their yes, or nothing. */
export function onApprovalNeeded(ask: (permission: string) => Promise<string | null>): void {
  askApproval = ask
}

export function apiUrl(path: string, query: object = {}): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(query as Query)) {
    if (value !== undefined && value !== null && value !== '') params.set(name, String(value))
  }
  const text = params.toString()
  return `/api/v1${path}${text && '?' + text}`
}

export async function send(method: string, path: string, options: Options = {}): Promise<Response> {
  const token = options.asStranger ? null : terminalToken
  const deed = `${method} ${path}`
  const approval = options.approval ?? unanswered.get(deed)
  const response = await ask(method, path, { ...options, approval }, token)
  if (isProxyAnswer(response)) throw new OfflineError(`the way to the server is cut (${response.status})`)
  if (response.status !== 401) unanswered.delete(deed)
  if (response.ok) return response
  const error = await readProblem(response)
  if (response.status === 401 && !isSignInRefusal(error)) {
    // Renewed meanwhile by another call: the new one has not been tried yet.
    const renewed = token !== null && !options.again && (token !== terminalToken || (await renewToken()))
    if (renewed) return send(method, path, { ...options, again: true })
    if (!options.quiet) onSignedOut()
  }
  if (error.code === 'approval_needed' && askApproval && !options.approval) {
    const yes = await askApproval(String(error.problem.fields[0]?.permission))
    if (yes) unanswered.set(deed, yes)
    if (yes) return send(method, path, { ...options, approval: yes })
  }
  throw error
}

async function ask(method: string, path: string, options: Options, token: string | null): Promise<Response> {
  const { body, signal, approval } = options
  const headers: Record<string, string> = { accept: 'application/json', ...options.headers }
  if (token) headers['x-aisle-terminal'] = token
  if (!isAttended()) headers['x-aisle-unattended'] = '1'
  if (approval) headers['x-aisle-approval'] = approval
  const raw = body instanceof Blob || body instanceof FormData
  if (body !== undefined && !raw) headers['content-type'] = 'application/json'
  try {
    return await fetch(apiUrl(path, options.query), {
      method,
      headers,
      signal,
      credentials: options.asDevice || options.asStranger ? 'omit' : 'same-origin',
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    })
  } catch (cause) {
    if (signal?.aborted && !isTimeout(signal)) throw cause
    throw new OfflineError('no answer', { cause })
  }
}

function isTimeout(signal: AbortSignal): boolean {
  const { reason } = signal as { reason?: { name?: unknown } }
  return reason?.name === 'TimeoutError'
}

/** A proxy that cannot reach the server says so without our problem document. */
function isProxyAnswer({ status, headers }: Response): boolean {
  return [502, 503, 504].includes(status) && !headers.get('content-type')?.includes('json')
}

async function json<T>(method: string, path: string, options: Options): Promise<T> {
  const response = await send(method, path, options)
  if (response.status === 204) return undefined as T
  try {
    return (await response.json()) as T
  } catch (cause) {
    throw new OfflineError('the answer was cut off', { cause })
  }
}

export const http = {
  get: <T>(path: string, query?: object, by?: AbortSignal | Caller) => json<T>('GET', path, { query, ...caller(by) }),
  post: <T>(path: string, body?: unknown, by?: AbortSignal | Caller) => json<T>('POST', path, { body, ...caller(by) }),
  put: <T>(path: string, body: unknown) => json<T>('PUT', path, { body }),
  patch: <T>(path: string, body: unknown) => json<T>('PATCH', path, { body }),
  delete: (path: string, by?: Caller) => json<undefined>('DELETE', path, caller(by)),
}

function caller(by: AbortSignal | Caller | undefined): Caller {
  return by instanceof AbortSignal ? { signal: by } : (by ?? {})
}
