import { type Host, metrics, tracker } from 'cassandra-driver'

/** Seconds of the buckets of the latency by host. */
export const hostLatencyBucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

/** What one host's answers took: counts by bucket, the last of them above all bounds. */
export type HostLatency = {
  readonly buckets: number[]
  sumSeconds: number
  count: number
}

/** What the driver did, as it tells it: tries, speculative executions and time-outs. */
export class CassandraMetrics extends metrics.DefaultMetrics {
  retries = 0
  speculativeExecutions = 0
  clientTimeouts = 0
  /** Conditional writes sent again by the node itself. */
  writeRetries = 0
  /** Conditional writes whose answer was lost, by what they were found to be: mine, anothers, not_done, unknown. */
  readonly settled = new Map<string, number>()
  readonly #whenSpeculating: () => void

  constructor(whenSpeculating: () => void) {
    super()
    this.#whenSpeculating = whenSpeculating
  }

  outcomeSettled(outcome: 'mine' | 'anothers' | 'not_done' | 'unknown'): void {
    this.settled.set(outcome, (this.settled.get(outcome) ?? 0) + 1)
  }

  override onClientTimeoutRetry(): void {
    this.retries++
  }

  override onReadTimeoutRetry(): void {
    this.retries++
  }

  override onUnavailableRetry(): void {
    this.retries++
  }

  override onWriteTimeoutRetry(): void {
    this.retries++
  }

  override onOtherErrorRetry(): void {
    this.retries++
  }

  override onSpeculativeExecution(): void {
    this.speculativeExecutions++
    this.#whenSpeculating()
  }

  override onClientTimeoutError(): void {
    this.clientTimeouts++
  }
}

// The driver wants an instance of this class, which its types tell as an interface.
const RequestTracker = (tracker as unknown as { RequestTracker: new () => object }).RequestTracker

/** Latency and errors of requests, by the host that was asked. */
export class HostLatencies extends RequestTracker implements tracker.RequestTracker {
  readonly byHost = new Map<string, HostLatency>()
  errors = 0

  onSuccess(...[host, , , , , , latency]: Parameters<tracker.RequestTracker['onSuccess']>): void {
    this.#observe(host, latency)
  }

  onError(...[host, , , , , , latency]: Parameters<tracker.RequestTracker['onError']>): void {
    this.errors++
    this.#observe(host, latency)
  }

  shutdown(): void {
    // Nothing is held open.
  }

  #observe(host: Host | undefined, [seconds = 0, nanoseconds = 0]: number[]): void {
    // The driver names no host for a request that found none.
    if (host === undefined || host === null) return
    const tookSeconds = seconds + nanoseconds / 1e9
    const found = this.byHost.get(host.address) ?? {
      buckets: new Array<number>(hostLatencyBucketsSeconds.length + 1).fill(0),
      sumSeconds: 0,
      count: 0,
    }
    const bucket = hostLatencyBucketsSeconds.findIndex((bound) => tookSeconds <= bound)
    const place = bucket === -1 ? hostLatencyBucketsSeconds.length : bucket
    found.buckets[place] = (found.buckets[place] ?? 0) + 1
    found.sumSeconds += tookSeconds
    found.count++
    this.byHost.set(host.address, found)
  }
}
