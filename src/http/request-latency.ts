import type { MetricObjectWithValues, MetricValue } from 'prom-client'
import { type LatencySample, LatencySeries } from '../support/latency-series.ts'

/** What is told apart when requests are counted. */
export type RequestKind = { readonly method: string; readonly route: string; readonly status: number }

const httpLatency = {
  name: 'erji_http_request_seconds',
  bucketSecondsMax: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
} as const

/**
 * Request latency by route and outcome as a Prometheus histogram. Counts by itself, for the client library's histogram
 * hashes its labels anew for each request, which costs more than a cached answer does.
 */
export class RequestLatency {
  readonly #series = new Map<string, LatencySeries>()

  /** Where requests of one kind are counted; the same object for the same kind. */
  seriesOf({ method, route, status }: RequestKind): LatencySeries {
    const outcome = outcomeOf(status)
    const key = `${method} ${outcome} ${route}`
    let series = this.#series.get(key)
    if (series === undefined) {
      series = new LatencySeries(httpLatency, { method, route, outcome })
      this.#series.set(key, series)
    }
    return series
  }

  /** All that was counted, in the form in which the client library writes and adds up metrics. */
  metric(): MetricObjectWithValues<MetricValue<string>> {
    const values = [...this.#series.values()].flatMap((series) => series.values())
    const help = 'Time from the request line to the last byte of the answer, by route and outcome'
    return histogram({ name: httpLatency.name, help, samples: values })
  }
}

function outcomeOf(status: number): string {
  if (status < 400) return 'ok'
  return status === 404 ? 'absent' : status < 500 ? 'refused' : 'failed'
}

/** A histogram that was counted here, in the form in which the client library writes and adds up metrics. */
export function histogram(counted: {
  readonly name: string
  readonly help: string
  readonly samples: readonly LatencySample[]
}): MetricObjectWithValues<MetricValue<string>> {
  const { name, help, samples } = counted
  // The library's type names a kind by an enum and asks for a function, neither of which its metrics have once collected.
  const metric: unknown = { name, help, type: 'histogram', aggregator: 'sum', values: samples }
  return metric as MetricObjectWithValues<MetricValue<string>>
}
