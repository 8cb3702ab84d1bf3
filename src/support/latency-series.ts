/** A sample as the metrics library has it once it is collected: the name of its line, its labels, its value. */
export type LatencySample = {
  readonly metricName: string
  readonly labels: Readonly<Record<string, string | number>>
  readonly value: number
}

/** Requests of one kind by how long they took, counted in plain fields and made into samples when somebody looks. */
export class LatencySeries {
  readonly #metric: LatencyMetric
  readonly #labels: Readonly<Record<string, string>>
  readonly #counts: Float64Array
  #seconds = 0

  constructor(metric: LatencyMetric, labels: Readonly<Record<string, string>>) {
    this.#metric = metric
    this.#labels = labels
    this.#counts = new Float64Array(metric.bucketSecondsMax.length + 1)
  }

  /** Counts requests that all took so long. */
  observe(seconds: number, requests = 1): void {
    const { bucketSecondsMax } = this.#metric
    let bucket = 0
    while (bucket < bucketSecondsMax.length && seconds > (bucketSecondsMax[bucket] as number)) bucket++
    ;(this.#counts[bucket] as number) += requests
    this.#seconds += seconds * requests
  }

  /** Cumulative counts by bucket, then sum and count, as the exposition format has them. */
  values(): LatencySample[] {
    const { name, bucketSecondsMax } = this.#metric
    let count = 0
    const buckets = [...bucketSecondsMax, '+Inf'].map((le, bucket) => {
      count += this.#counts[bucket] as number
      return { metricName: `${name}_bucket`, labels: { le, ...this.#labels }, value: count }
    })
    const labels = this.#labels
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#seconds },
      { metricName: `${name}_count`, labels, value: count },
    ]
  }
}

/** What all series of one histogram have in common; bounds in seconds, ascending. */
export type LatencyMetric = { readonly name: string; readonly bucketSecondsMax: readonly number[] }
