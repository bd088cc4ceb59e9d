/**
 * What makes this browser a till: a token that dies soon, and a key that renews it. The key is made here and
 * cannot be read out, so a copy of the token or of the cookies is worth nothing for long.
 * Browsers make keys on https and on localhost only; elsewhere the token lasts.
 */
import { type DBSchema, type IDBPDatabase, openDB } from 'idb'
import { ApiError, OfflineError } from '@/shared/api/errors'
import { makeChallenge, onTokenDead, renewToken, takeEnrolmentCode } from '@/shared/queries/identity'
import { useSession } from '@/shared/session'

interface DeviceSchema extends DBSchema {
  keys: { key: 'own'; value: { terminal: number; pair: CryptoKeyPair } }
}

const curve = { name: 'ECDSA', namedCurve: 'P-256' }
const signing = { name: 'ECDSA', hash: 'SHA-256' }
const lock = 'aisle.device.token'
/** Well before a token dies. */
export const renewEveryMs = 5 * 60_000

export class Device {
  private constructor(private readonly db: IDBPDatabase<DeviceSchema>) {}

  static async open(): Promise<Device> {
    const db = await openDB<DeviceSchema>('aisle-device', 1, { upgrade: (fresh) => void fresh.createObjectStore('keys') })
    const device = new Device(db)
    onTokenDead(() => device.renew())
    return device
  }

  /** Makes this browser the till the code is for. */
  async enrol(code: string): Promise<void> {
    const pair = await makePair()
    const { terminal, token } = await takeEnrolmentCode({ code, ...(pair && { public_key: await publicKey(pair) }) })
    if (pair) await this.db.put('keys', { terminal: terminal.id, pair }, 'own')
    else await this.db.delete('keys', 'own')
    useSession().become(token)
  }

  /** A token for now. False when this device has no key, or its key no longer counts. */
  async renew(): Promise<boolean> {
    const session = useSession()
    const before = session.terminalToken
    const key = await this.db.get('keys', 'own')
    if (!key || before === null) return false
    return alone(async () => {
      // Another tab did it while this one waited.
      if (keptToken() !== before) session.become(keptToken())
      else session.become(await renewed(key.terminal, key.pair.privateKey))
      return session.terminalToken !== null
    }).catch((error: unknown) => {
      if (error instanceof ApiError && error.status === 401) return false
      throw error
    })
  }
}

/** What other tabs see at once, before this one is told. */
function keptToken(): string | null {
  return localStorage.getItem('aisle.terminal')
}

async function alone(work: () => Promise<boolean>): Promise<boolean> {
  return 'locks' in navigator ? await navigator.locks.request(lock, work) : work()
}

/** A challenge may have grown old on the way, or the server started anew: the second one counts. */
async function renewed(terminal: number, key: CryptoKey): Promise<string> {
  for (const last of [false, true]) {
    try {
      const { challenge } = await makeChallenge()
      const message = new TextEncoder().encode(`aisle terminal token\n${terminal}\n${challenge}`)
      const signature = base64url(await crypto.subtle.sign(signing, key, message))
      return (await renewToken({ terminal_id: terminal, challenge, signature })).token
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 'bad_challenge') throw error
      if (last) throw new OfflineError('no challenge was good', { cause: error })
    }
  }
  throw new OfflineError('no challenge was good')
}

async function makePair(): Promise<CryptoKeyPair | null> {
  if (!isSecureContext) return null
  return crypto.subtle.generateKey(curve, false, ['sign', 'verify'])
}

async function publicKey({ publicKey: key }: CryptoKeyPair): Promise<string> {
  return base64url(await crypto.subtle.exportKey('raw', key))
}

function base64url(bytes: ArrayBuffer): string {
  const text = String.fromCharCode(...new Uint8Array(bytes))
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}
