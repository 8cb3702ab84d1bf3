/** A figure that a part of the node publishes for `/metrics`. */
export type PublishedMetric = {
  readonly name: string
  readonly help: string
  readonly kind: 'gauge' | 'counter' | 'histogram'
  /** Upper bounds, ascending, of a histogram. */
  readonly bucketsSeconds?: readonly number[]
  readonly samples: readonly {
    readonly labels: Readonly<Record<string, string>>
    /** Of a histogram the number of observations. */
    readonly value: number
    readonly sumSeconds?: number
    /** Observations in each bucket, those above all bounds last. */
    readonly buckets?: readonly number[]
  }[]
}
