import type { MetricObjectWithValues, MetricValue } from 'prom-client'

/** What is told apart when requests are counted. */
export type RequestKind = { readonly method: string; readonly route: string; readonly status: number }

const metricName = 'erji_http_request_seconds'
const bucketSecondsMax = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5,
]

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
      series = new LatencySeries({ method, route, outcome })
      this.#series.set(key, series)
    }
    return series
  }

  /** All that was counted, in the form in which the client library writes and adds up metrics. */
  metric(): MetricObjectWithValues<MetricValue<string>> {
    const values = [...this.#series.values()].flatMap((series) => series.values())
    const help = 'Time from the request line to the last byte of the answer, by route and outcome'
    // The library's type names a kind by an enum and asks for a function, neither of which its metrics have once collected.
    const metric: unknown = { name: metricName, help, type: 'histogram', aggregator: 'sum', values }
    return metric as MetricObjectWithValues<MetricValue<string>>
  }
}

/** Requests of one kind. */
export class LatencySeries {
  readonly #labels: Readonly<Record<string, string>>
  readonly #counts = new Float64Array(bucketSecondsMax.length + 1)
  #seconds = 0

  constructor(labels: Readonly<Record<string, string>>) {
    this.#labels = labels
  }

  observe(seconds: number): void {
    let bucket = 0
    while (bucket < bucketSecondsMax.length && seconds > (bucketSecondsMax[bucket] as number)) bucket++
    ;(this.#counts[bucket] as number)++
    this.#seconds += seconds
  }

  /** Cumulative counts by bucket, then sum and count, as the exposition format has them. */
  values(): (MetricValue<string> & { metricName: string })[] {
    let count = 0
    const buckets = [...bucketSecondsMax, '+Inf'].map((le, bucket) => {
      count += this.#counts[bucket] as number
      return { metricName: `${metricName}_bucket`, labels: { le, ...this.#labels }, value: count }
    })
    const labels = this.#labels
    return [
      ...buckets,
      { metricName: `${metricName}_sum`, labels, value: this.#seconds },
      { metricName: `${metricName}_count`, labels, value: count },
    ]
  }
}

function outcomeOf(status: number): string {
  if (status < 400) return 'ok'
  return status === 404 ? 'absent' : status < 500 ? 'refused' : 'failed'
}
