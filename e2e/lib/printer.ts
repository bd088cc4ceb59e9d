/** A receipt printer on the network: keeps what it is sent. */
import { type Server, createServer } from 'node:net'

export class Printer {
  readonly slips: Buffer[] = []

  private constructor(private readonly server: Server) {}

  static open(): Promise<Printer> {
    return new Promise((done, fail) => {
      const server = createServer()
      const printer = new Printer(server)
      server.on('connection', (socket) => {
        const parts: Buffer[] = []
        socket.on('data', (part) => parts.push(part))
        socket.on('close', () => printer.slips.push(Buffer.concat(parts)))
        socket.on('error', () => undefined)
      })
      server.once('error', fail)
      server.listen(0, '127.0.0.1', () => done(printer))
    })
  }

  get address(): string {
    const address = this.server.address()
    if (!address || typeof address === 'string') throw new Error('the printer is closed')
    return `127.0.0.1:${address.port}`
  }

  close(): void {
    this.server.close()
  }
}
