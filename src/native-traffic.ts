import { type LatencySample, LatencySeries } from './support/latency-series.ts'

/** What carries native requests. */
export type NativeTransport = 'tcp' | 'udp'

/** Why something that came was not answered: too many connections, bytes that are no message, more than can be queued. */
export const refusalReasons = ['connections', 'malformed', 'overload'] as const
export type RefusalReason = (typeof refusalReasons)[number]

/** Operations by the names that metrics have for them; every other number is `other`, so that no client can make series. */
const operationNames: ReadonlyMap<number, string> = new Map([
  [1, 'resolve'],
  [2, 'get_site_info'],
  [100, 'create_handle'],
  [101, 'delete_handle'],
  [102, 'add_value'],
  [103, 'remove_value'],
  [104, 'modify_value'],
  [105, 'list_handles'],
  [106, 'list_derived_prefixes'],
  [200, 'answer_challenge'],
  [300, 'home_prefix'],
  [301, 'unhome_prefix'],
  [302, 'list_homed_prefixes'],
  [400, 'set_up_session'],
  [401, 'end_session'],
  [402, 'exchange_session_key'],
])

const metric = {
  name: 'erji_native_request_seconds',
  bucketSecondsMax: [
    0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
    0.5, 1, 5,
  ],
} as const

/** What one thread did over one transport of the native protocol. */
export class TransportTraffic {
  readonly refused: Record<RefusalReason, number> = { connections: 0, malformed: 0, overload: 0 }
  connectionsOpen = 0
  readonly #transport: NativeTransport
  readonly #series = new Map<number, LatencySeries>()
  /** Cached records answered as they lie: nearly all there is, so it is looked up once. */
  readonly #plain: LatencySeries

  constructor(transport: NativeTransport) {
    this.#transport = transport
    this.#plain = this.#seriesOf(1, 1)
  }

  /** Counts plain resolutions that were read and answered together. */
  countPlain(requests: number, seconds: number): void {
    this.#plain.observe(seconds, requests)
  }

  /** Counts one request by its numbers in the protocol. */
  count(request: { readonly opCode: number; readonly responseCode: number }, seconds: number): void {
    this.#seriesOf(request.opCode, request.responseCode).observe(seconds)
  }

  samples(): LatencySample[] {
    return [...this.#series.values()].flatMap((series) => series.values())
  }

  #seriesOf(opCode: number, responseCode: number): LatencySeries {
    const known = operationNames.has(opCode) ? opCode : 0
    const key = known * codesMax + responseCode
    let series = this.#series.get(key)
    if (series === undefined) {
      const operation = operationNames.get(known) ?? 'other'
      series = new LatencySeries(metric, {
        transport: this.#transport,
        operation,
        code: String(responseCode),
      })
      this.#series.set(key, series)
    }
    return series
  }
}

// Response codes are ours and below this.
const codesMax = 10_000

/** What one thread did over the native protocol, told to whoever scrapes. */
export class NativeTraffic {
  readonly tcp = new TransportTraffic('tcp')
  readonly udp = new TransportTraffic('udp')

  /** Name and samples of the histogram of requests. */
  latency(): { readonly name: string; readonly samples: readonly LatencySample[] } {
    return { name: metric.name, samples: [...this.tcp.samples(), ...this.udp.samples()] }
  }
}
