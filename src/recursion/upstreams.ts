import { LRUCache } from 'lru-cache'
import type { Clock } from '../support/clock.ts'
import type { PublishedMetric } from '../support/published-metric.ts'
import { Circuit } from './circuit.ts'
import { openHttpUpstream } from './http-upstream.ts'
import { type UpstreamAddress, upstreamName } from './upstream-address.ts'
import { type Upstream, type UpstreamAnswer, UpstreamError } from './upstream-answer.ts'
import { openWireUpstream } from './wire-upstream.ts'

/** Servers that connections are kept to; referrals may name any number of them. */
const upstreamsMax = 1000
const connectionsMax = 8

type Known = {
  readonly name: string
  readonly upstream: Upstream
  readonly circuit: Circuit
  requests: number
  failures: number
  seconds: number
}

/** The servers that were asked: connections, circuits and figures of each. */
export class Upstreams {
  readonly #options: { readonly timeoutMs: number; readonly clock: Clock }
  readonly #known = new LRUCache<string, Known>({
    max: upstreamsMax,
    dispose: ({ upstream }) => void upstream.close(),
  })

  constructor(options: { readonly timeoutMs: number; readonly clock: Clock }) {
    this.#options = options
  }

  /** @throws UpstreamError for a server that does not answer in time, or is left alone for a while because it did not. */
  async ask(address: UpstreamAddress, handle: string): Promise<UpstreamAnswer> {
    const known = this.#knownAt(address)
    if (!known.circuit.admits())
      throw new UpstreamError(`${known.name} did not answer lately and is left alone`)
    const { clock, timeoutMs } = this.#options
    const startNs = clock.nowNs()
    known.requests++
    try {
      const answer = await known.upstream.resolve(handle, AbortSignal.timeout(timeoutMs))
      known.circuit.succeeded()
      return answer
    } catch (error) {
      known.failures++
      known.circuit.failed()
      throw error
    } finally {
      known.seconds += (clock.nowNs() - startNs) / 1e9
    }
  }

  metrics(): PublishedMetric[] {
    const all = [...this.#known.values()]
    const by = (read: (known: Known) => number) =>
      all.map((known) => ({ labels: { upstream: known.name }, value: read(known) }))
    return [
      {
        name: 'erji_upstream_requests_total',
        help: 'Requests to other nodes',
        kind: 'counter',
        samples: by(({ requests }) => requests),
      },
      {
        name: 'erji_upstream_failures_total',
        help: 'Requests that other nodes did not answer',
        kind: 'counter',
        samples: by(({ failures }) => failures),
      },
      {
        name: 'erji_upstream_seconds_total',
        help: 'Time that requests to other nodes took',
        kind: 'counter',
        samples: by(({ seconds }) => seconds),
      },
      {
        name: 'erji_upstream_circuit_open',
        help: '1 while a node is left alone because it did not answer',
        kind: 'gauge',
        samples: by(({ circuit }) => Number(circuit.isOpen)),
      },
    ]
  }

  async close(): Promise<void> {
    // They stay known: forgetting one closes it, and a socket is closed once.
    await Promise.all([...this.#known.values()].map(({ upstream }) => upstream.close()))
  }

  #knownAt(address: UpstreamAddress): Known {
    const name = upstreamName(address)
    const known = this.#known.get(name)
    if (known !== undefined) return known
    const { clock, timeoutMs } = this.#options
    const options = { connectionsMax, timeoutMs, clock }
    const upstream = address.protocol.startsWith('http')
      ? openHttpUpstream(address, options)
      : openWireUpstream(address, options)
    const circuit = new Circuit(() => clock.nowNs() / 1e6)
    const opened = { name, upstream, circuit, requests: 0, failures: 0, seconds: 0 }
    this.#known.set(name, opened)
    return opened
  }
}
