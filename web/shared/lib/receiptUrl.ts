/** A customer's link, whole: the server sends a path where it does not know what the shop is called from outside. */
export function receiptUrl(link: string): string {
  return new URL(link, window.location.origin).href
}
