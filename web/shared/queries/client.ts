/** One query client per page: retries only what may succeed when tried again. */
import { QueryClient } from '@tanstack/vue-query'
import { ApiError } from '../api/errors'

export function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (count, error) => count < 2 && !(error instanceof ApiError && !error.problem.retryable),
      },
    },
  })
}
