import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, JsHistogram } from 'hdr-histogram-js'
import { assert } from '../../src/support/assert.ts'
import type { Histogram } from '../report/report.ts'

/** The longest duration told apart: one hour, which at three digits costs 136 kB a histogram. */
export const durationNsMax = 3.6e12

/** How many leading digits of a duration are kept. */
type SignificantDigits = 1 | 2 | 3

/** A histogram as it travels between processes: the exact extremes and sum ride along, which the encoding rounds. */
export type HistogramSnapshot = {
  readonly encoded: string
  readonly count: number
  readonly sumNs: number
  readonly minNs: number
  readonly maxNs: number
  /** Samples above `durationNsMax`, counted as that maximum. */
  readonly clamped: number
}

/** One point of a percentile curve: this share of the samples took at most `ns`. */
export type PercentilePoint = { readonly share: number; readonly ns: number }

/**
 * Durations in nanoseconds, from 1 ns to one hour within three significant digits (HdrHistogram).
 * Recording costs about 60 ns; merging adds counts, so merged histograms equal one that had recorded everything.
 */
export class LatencyHistogram {
  readonly #counts: ReturnType<typeof decode>
  #sumNs = 0
  #minNs = Number.POSITIVE_INFINITY
  #maxNs = 0
  #clamped = 0

  constructor(options: { readonly significantDigits?: SignificantDigits } = {}) {
    this.#counts = createCounts(options.significantDigits ?? 3)
  }

  /** The histogram that an encoded form describes; its extremes and sum are those of the buckets. */
  static fromEncoded(encoded: string): LatencyHistogram {
    const counts = decode(encoded)
    const digits = counts.numberOfSignificantValueDigits
    assert(digits === 1 || digits === 2 || digits === 3, 'a histogram of ours keeps one to three digits')
    const histogram = new LatencyHistogram({ significantDigits: digits })
    if (counts.totalCount === 0) return histogram
    histogram.#counts.add(counts)
    histogram.#sumNs = counts.mean * counts.totalCount
    histogram.#minNs = counts.getValueAtPercentile(0)
    histogram.#maxNs = counts.getValueAtPercentile(100)
    return histogram
  }

  static fromSnapshot(snapshot: HistogramSnapshot): LatencyHistogram {
    const histogram = LatencyHistogram.fromEncoded(snapshot.encoded)
    assert(histogram.count === snapshot.count, 'a snapshot encodes as many samples as it counts')
    histogram.#sumNs = snapshot.sumNs
    histogram.#minNs = snapshot.count === 0 ? Number.POSITIVE_INFINITY : snapshot.minNs
    histogram.#maxNs = snapshot.maxNs
    histogram.#clamped = snapshot.clamped
    return histogram
  }

  /** The histogram that a report holds, its exact extremes and mean included. */
  static fromHistogram({ encoded, count, meanNs, minNs, maxNs }: Histogram): LatencyHistogram {
    return LatencyHistogram.fromSnapshot({ encoded, count, sumNs: meanNs * count, minNs, maxNs, clamped: 0 })
  }

  get count(): number {
    return this.#counts.totalCount
  }

  get maxNs(): number {
    return this.#maxNs
  }

  /** Samples that were longer than can be told apart, counted as `durationNsMax`. */
  get clamped(): number {
    return this.#clamped
  }

  /** Adds one sample. Below zero counts as zero: a timer that fires early makes an operation early, not broken. */
  record(ns: number): void {
    assert(!Number.isNaN(ns), 'a recorded duration is a number')
    let sampleNs = Math.round(ns)
    if (sampleNs <= 0) sampleNs = 0
    else if (sampleNs > durationNsMax) {
      sampleNs = durationNsMax
      this.#clamped++
    }
    this.#counts.recordValue(sampleNs)
    this.#sumNs += sampleNs
    if (sampleNs < this.#minNs) this.#minNs = sampleNs
    if (sampleNs > this.#maxNs) this.#maxNs = sampleNs
  }

  /** Adds every sample of another histogram to this one. */
  merge(other: LatencyHistogram): void {
    if (other.count === 0) return
    this.#counts.add(other.#counts)
    this.#sumNs += other.#sumNs
    this.#minNs = Math.min(this.#minNs, other.#minNs)
    this.#maxNs = Math.max(this.#maxNs, other.#maxNs)
    this.#clamped += other.#clamped
  }

  /** The duration that `share` (0 … 1) of the samples did not exceed, never above the longest sample. */
  percentileNs(share: number): number {
    if (this.count === 0) return 0
    return Math.min(this.#counts.getValueAtPercentile(share * 100), this.#maxNs)
  }

  /**
   * The curve at shares that halve what is left of the samples, `ticksPerHalving` times in each halving, up to
   * the longest sample.
   */
  percentileCurve(ticksPerHalving: number): PercentilePoint[] {
    if (this.count === 0) return []
    const points: PercentilePoint[] = []
    const halvings = Math.log2(this.count)
    for (let tick = 0; tick < halvings * ticksPerHalving; tick++) {
      const share = 1 - 2 ** (-tick / ticksPerHalving)
      points.push({ share, ns: this.percentileNs(share) })
    }
    points.push({ share: 1 - 1 / this.count, ns: this.percentileNs(1) })
    return points
  }

  /** How many samples lie between each bound and the next; what lies outside of all of them counts to the outermost. */
  countsBetween(boundsNs: readonly number[]): number[] {
    const between = new Array<number>(Math.max(1, boundsNs.length - 1)).fill(0)
    const counts = this.#counts
    assert(counts instanceof JsHistogram, 'histograms are counted in JavaScript here')
    if (this.count === 0) return between
    const last = counts.countsArrayIndex(Math.min(durationNsMax, counts.getValueAtPercentile(100)))
    let bucket = 0
    for (let index = 0; index <= last; index++) {
      const count = counts.getCountAtIndex(index)
      if (count === 0) continue
      const ns = counts.medianEquivalentValue(counts.valueFromIndex(index))
      while (bucket < between.length - 1 && ns > (boundsNs[bucket + 1] ?? 0)) bucket++
      between[bucket] = (between[bucket] ?? 0) + count
    }
    return between
  }

  reset(): void {
    this.#counts.reset()
    this.#sumNs = 0
    this.#minNs = Number.POSITIVE_INFINITY
    this.#maxNs = 0
    this.#clamped = 0
  }

  toSnapshot(): HistogramSnapshot {
    return {
      encoded: encodeIntoCompressedBase64(this.#counts),
      count: this.count,
      sumNs: this.#sumNs,
      minNs: this.#shortestNs(),
      maxNs: this.#maxNs,
      clamped: this.#clamped,
    }
  }

  /** The form that a report holds. */
  toHistogram(): Histogram {
    return {
      count: this.count,
      meanNs: this.count === 0 ? 0 : this.#sumNs / this.count,
      minNs: this.#shortestNs(),
      p50Ns: this.percentileNs(0.5),
      p90Ns: this.percentileNs(0.9),
      p99Ns: this.percentileNs(0.99),
      p999Ns: this.percentileNs(0.999),
      maxNs: this.#maxNs,
      encoded: encodeIntoCompressedBase64(this.#counts),
    }
  }

  #shortestNs(): number {
    return this.count === 0 ? 0 : this.#minNs
  }
}

function createCounts(significantDigits: SignificantDigits) {
  return build({
    bitBucketSize: 32,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: durationNsMax,
    numberOfSignificantValueDigits: significantDigits,
  })
}

function decode(encoded: string) {
  return decodeFromCompressedBase64(encoded, 32)
}
