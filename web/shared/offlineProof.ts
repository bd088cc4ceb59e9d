/**
 * How somebody proves at a till, while no server can be asked, to be who signed in there. Promises: what it keeps
 * is in the memory of the page alone, is no secret itself, and ends with the sign-out, the page, or a few wrong tries.
 */

interface Kept {
  username: string
  salt: Uint8Array<ArrayBuffer>
  derived: Uint8Array
  triesLeft: number
}

const tries = 5
/** OWASP, Password Storage Cheat Sheet: PBKDF2 with HMAC-SHA-256. */
const iterations = 600_000

export class OfflineProof {
  private kept: Kept | undefined

  /** What the server has just taken for this person's. A page without cryptography keeps nothing. */
  async remember(username: string, secret: string): Promise<void> {
    this.forget()
    if (!('subtle' in crypto)) return
    const salt = crypto.getRandomValues(new Uint8Array(16))
    this.kept = { username, salt, derived: await derive(secret, salt), triesLeft: tries }
  }

  forget(): void {
    this.kept = undefined
  }

  /** A try is counted before it is looked at. */
  async proves(username: string, secret: string): Promise<boolean> {
    const { kept } = this
    if (kept?.username !== username) return false
    kept.triesLeft -= 1
    if (kept.triesLeft === 0) this.forget()
    const derived = await derive(secret, kept.salt)
    const right = derived.every((byte, at) => byte === kept.derived[at])
    if (right && this.kept === kept) kept.triesLeft = tries
    return right
  }
}

async function derive(secret: string, salt: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(secret), 'PBKDF2', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations }, key, 256)
  return new Uint8Array(bits)
}
