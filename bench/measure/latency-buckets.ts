/**
 * Counts of durations in buckets that grow by a fixed factor: eight to a doubling, from a microsecond to more than an
 * hour. Coarser than a histogram and as cheap to send as a small array: for what is shown while a run goes on.
 */
export class LatencyBuckets {
  readonly counts: Uint32Array

  constructor(counts: Uint32Array = new Uint32Array(bucketsMax)) {
    this.counts = counts
  }

  record(ns: number): void {
    const bucket = ns <= lowestNs ? 0 : Math.ceil(Math.log2(ns / lowestNs) * perDoubling)
    const index = Math.min(bucket, bucketsMax - 1)
    this.counts[index] = (this.counts[index] ?? 0) + 1
  }

  /** The counts so far, which begin again at zero. */
  take(): Uint32Array {
    const taken = this.counts.slice()
    this.counts.fill(0)
    return taken
  }

  merge(counts: Uint32Array): void {
    for (let bucket = 0; bucket < bucketsMax; bucket++) {
      this.counts[bucket] = (this.counts[bucket] ?? 0) + (counts[bucket] ?? 0)
    }
  }

  /** The upper bound of the bucket in which this share of the durations ends: at most 9 % too much. */
  percentileNs(share: number): number {
    const total = this.counts.reduce((sum, count) => sum + count, 0)
    if (total === 0) return 0
    let seen = 0
    for (let bucket = 0; bucket < bucketsMax; bucket++) {
      seen += this.counts[bucket] ?? 0
      if (seen >= share * total) return lowestNs * 2 ** (bucket / perDoubling)
    }
    return lowestNs * 2 ** ((bucketsMax - 1) / perDoubling)
  }
}

const lowestNs = 1000
const perDoubling = 8
const bucketsMax = 256
