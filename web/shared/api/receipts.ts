/** A receipt for whoever holds its link; nobody is named, neither person nor device. */
import { http } from './http'
import type { Answer } from './schema'

export type PublicReceipt = Answer<'PublicReceipt'>

export const receipts = {
  getPublic: (token: string, signal?: AbortSignal) =>
    http.get<PublicReceipt>(`/receipts/${encodeURIComponent(token)}`, undefined, {
      signal,
      asStranger: true,
      quiet: true,
    }),
}
