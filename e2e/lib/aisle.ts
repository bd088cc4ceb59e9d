/** The real binary with its own data: started for one test, stopped, proved whole and thrown away. */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Gateways } from './gateways'

const binary = resolve(process.env.AISLE_BIN ?? join(import.meta.dirname, '../../target/debug/aisle'))
const stopMs = 15_000

export interface Product {
  id: number
  code: string
  name: string
  barcode: string
  price_fen: number
  qty_milli: number
  weighed: boolean
  state: string
}

export interface Order {
  id: string
  no: string
  status: string
  total_fen: number
}

/** `AISLE_*` variables. */
export type Settings = Record<string, string>

export class Aisle {
  private child: ChildProcess | null = null
  private readonly beside: ChildProcess[] = []
  private token = ''
  private log = ''

  private constructor(
    private readonly dir: string,
    private readonly port: number,
    private readonly settings: Settings,
  ) {}

  static async open(settings: Settings = {}): Promise<Aisle> {
    const aisle = new Aisle(await mkdtemp(join(tmpdir(), 'aisle-e2e-')), await freePort(), settings)
    await aisle.command('seed', '--demo', '--without-sales')
    await aisle.start()
    return aisle
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`
  }

  async start(): Promise<void> {
    const child = this.spawn('serve')
    this.child = child
    for (const end = Date.now() + 30_000; Date.now() < end; await pause(50)) {
      if (child.exitCode !== null) throw new Error(`the server ended:\n${this.log}`)
      if (await this.ready()) return
    }
    throw new Error(`the server is not ready:\n${this.log}`)
  }

  /** Asks the server to end; its answer must be 0. */
  async stop(): Promise<void> {
    const code = await this.end('SIGTERM')
    if (code !== 0) throw new Error(`the server ended with ${code}:\n${this.log}`)
  }

  /** Ends the server as a power cut does. */
  async kill(): Promise<void> {
    await this.end('SIGKILL')
  }

  /** The payment gateways, simulated, with the keys of the demo shop; they end with the test. */
  async gateways(): Promise<Gateways> {
    const child = this.spawn('gateway-sim')
    this.beside.push(child)
    const gateways = new Gateways()
    for (const end = Date.now() + 20_000; Date.now() < end; await pause(50)) {
      if (child.exitCode !== null) throw new Error(`the simulator ended:\n${this.log}`)
      if (await gateways.ready()) return gateways
    }
    throw new Error(`the simulator is not ready:\n${this.log}`)
  }

  /** Proves that the books are whole. */
  verify(): Promise<string> {
    return this.command('verify')
  }

  async close(): Promise<void> {
    try {
      if (this.child) await this.stop()
      await this.verify()
    } finally {
      if (this.child) await this.kill()
      for (const child of this.beside) child.kill('SIGKILL')
      await rm(this.dir, { recursive: true, force: true })
    }
  }

  /** Asks the API as the manager. */
  async get<T>(path: string): Promise<T> {
    if (!this.token) await this.signIn()
    const answer = await fetch(`${this.url}/api/v1${path}`, { headers: { authorization: `Bearer ${this.token}` } })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }

  /** A code that makes a browser the till of this name, as the manager makes it. */
  async enrolmentCode(name: string): Promise<string> {
    return (await this.post<{ code: string }>('/enrolment-codes', { name, kind: 'pos' })).code
  }

  private async post<T>(path: string, body: unknown): Promise<T> {
    if (!this.token) await this.signIn()
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async product(barcode: string): Promise<Product> {
    return this.get<Product>(`/products/by-barcode/${barcode}`)
  }

  /** Goods of every kind of which there is plenty, none dear. */
  async goods(count: number): Promise<Product[]> {
    const { items } = await this.get<{ items: Product[] }>('/products?sort=-qty&limit=500')
    const fit = items.filter(({ price_fen, weighed, state }) => price_fen <= 2000 && !weighed && state === 'active')
    const step = Math.floor(fit.length / count)
    return fit.filter((_, at) => at % step === 0).slice(0, count)
  }

  async orders(): Promise<Order[]> {
    return (await this.get<{ items: Order[] }>('/orders?limit=100')).items
  }

  /** The path a customer opens. */
  async receiptLink(order: string): Promise<string> {
    return (await this.get<{ link: string }>(`/orders/${order}/receipt`)).link
  }

  private async signIn(): Promise<void> {
    const answer = await fetch(`${this.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'manager', password: 'aisle-demo' }),
    })
    if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`)
    this.token = ((await answer.json()) as { token: string }).token
  }

  private async ready(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/readyz`)).ok
    } catch {
      return false
    }
  }

  private spawn(...args: string[]): ChildProcess {
    const child = spawn(binary, args, {
      cwd: this.dir,
      env: { ...ownEnvironment(), ...this.settings, AISLE_DATA_DIR: this.dir, AISLE_LISTEN: `127.0.0.1:${this.port}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const keep = (text: Buffer) => (this.log = (this.log + text.toString()).slice(-20_000))
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    return child
  }

  private async command(...args: string[]): Promise<string> {
    const from = this.log.length
    const code = await codeOf(this.spawn(...args))
    if (code !== 0) throw new Error(`aisle ${args.join(' ')} ended with ${code}:\n${this.log}`)
    return this.log.slice(from)
  }

  private async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this
    if (!child) return 0
    this.child = null
    const ended = child.exitCode === null ? codeOf(child) : Promise.resolve(child.exitCode)
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), stopMs)
    return ended.finally(() => clearTimeout(late))
  }
}

/** What the person running the tests has set for a server of their own is not for this one. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AISLE_')))
}

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', done)
  })
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer()
    probe.once('error', fail)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))))
    })
  })
}
