/** RFC 9457 problems as a typed error. Switch on `code`; the words for people are in the locales under `errors`. */

export interface ProblemField {
  name: string
  code: string
  [detail: string]: unknown
}

export interface Problem {
  status: number
  code: string
  title: string
  retryable: boolean
  fields: ProblemField[]
  request_id?: string
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  constructor(readonly problem: Problem) {
    super(`${problem.code} (${problem.status})`)
  }
  get code(): string {
    return this.problem.code
  }
  get status(): number {
    return this.problem.status
  }
}

/** No answer came: the network, the server or a proxy is away. What was asked may or may not have happened. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError'
}

/** A server in trouble is as good as none: a till goes on without it. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof OfflineError || (error instanceof ApiError && error.status >= 500)
}

/** The code under which the locales explain this error. */
export function errorCode(error: unknown): string {
  if (error instanceof ApiError) return error.code
  return error instanceof OfflineError ? 'offline' : 'unexpected'
}

/** A sign-in that was not good enough: it says nothing about a session there is. */
export function isSignInRefusal(error: unknown): boolean {
  return ['bad_credentials', 'second_factor_needed'].includes(errorCode(error))
}

/** Field name → the codes wrong with it, for forms. */
export function fieldErrors(error: unknown): Record<string, ProblemField> {
  if (!(error instanceof ApiError)) return {}
  return Object.fromEntries(error.problem.fields.map((field) => [field.name, field]))
}

export async function readProblem(response: Response): Promise<ApiError> {
  let body: Partial<Problem> = {}
  if (response.headers.get('content-type')?.includes('json')) {
    body = (await response.json().catch(() => ({}))) as Partial<Problem>
  }
  return new ApiError({
    status: response.status,
    code: body.code ?? (response.status >= 500 ? 'unavailable' : 'unexpected'),
    title: body.title ?? response.statusText,
    retryable: body.retryable ?? response.status >= 500,
    fields: Array.isArray(body.fields) ? body.fields : [],
    request_id: body.request_id,
  })
}
