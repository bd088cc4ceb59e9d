/** The gateway simulator: what the next payment does, and the customer's phone. */

/** Where `aisle gateway-sim` listens when it is not told otherwise; the demo shop knows it. */
const url = 'http://127.0.0.1:9090'

interface State {
  trades: { out_trade_no: string }[]
  ledger: { totals: { net_fen: number } }
}

export class Gateways {
  async ready(): Promise<boolean> {
    try {
      return (await fetch(`${url}/sim/state`)).ok
    } catch {
      return false
    }
  }

  /** What happens to the next payment. */
  async plan(scenario: string): Promise<void> {
    await post('/sim/scenario', { match: { next: true }, scenario })
  }

  /** The customer pays what was asked for last. */
  async payNewest(): Promise<void> {
    const [newest] = (await this.state()).trades
    if (!newest) throw new Error('nothing was asked for')
    await post(`/sim/phone/${newest.out_trade_no}/pay`, {})
  }

  /** What the shop has, as the gateways believe. */
  async net(): Promise<number> {
    return (await this.state()).ledger.totals.net_fen
  }

  private async state(): Promise<State> {
    return (await (await fetch(`${url}/sim/state`)).json()) as State
  }
}

async function post(path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`)
}
