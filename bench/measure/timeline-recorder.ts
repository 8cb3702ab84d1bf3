import { assert } from '../../src/support/assert.ts'
import type { TimelinePoint } from '../report/report.ts'
import { type HistogramSnapshot, LatencyHistogram } from './latency-histogram.ts'

/** One second as it travels between processes; the histogram is absent where nothing was answered. */
export type SecondSnapshot = {
  readonly offered: number
  readonly completed: number
  readonly failed: number
  readonly latency?: HistogramSnapshot
}

type Second = { offered: number; completed: number; failed: number; latency?: HistogramSnapshot }

/** One answer, or one batch of them, placed in the second in which it arrived. */
export type TimelineSample = {
  readonly doneNs: number
  readonly latencyNs: number
  readonly completed: number
  readonly failed: number
}

// Two digits are what a chart shows, and keep closing a second (encoding its histogram) near a tenth of a millisecond.
const significantDigits = 2

/** A gap longer than this between samples is a broken clock, not a quiet target. */
const secondsMax = 366 * 86_400

/**
 * What happened in each second since `startNs`: offered by due time, completed and failed by the time of the answer.
 * One histogram serves all seconds in turn, so memory grows by an encoded histogram a second.
 */
export class TimelineRecorder {
  readonly #startNs: number
  readonly #seconds: Second[] = []
  readonly #current = new LatencyHistogram({ significantDigits })
  #currentSecond = 0

  constructor(options: { readonly startNs: number }) {
    this.#startNs = options.startNs
  }

  recordOffered(dueNs: number, count = 1): void {
    this.#secondAt(this.#secondOf(dueNs)).offered += count
  }

  recordDone(sample: TimelineSample): void {
    const doneSecond = this.#secondOf(sample.doneNs)
    if (doneSecond > this.#currentSecond) {
      this.#closeSecond()
      this.#currentSecond = doneSecond
    }
    const second = this.#secondAt(this.#currentSecond)
    second.completed += sample.completed
    second.failed += sample.failed
    this.#current.record(sample.latencyNs)
  }

  toSnapshot(): SecondSnapshot[] {
    this.#closeSecond()
    return this.#seconds.map((second) => ({ ...second }))
  }

  #closeSecond(): void {
    if (this.#current.count === 0) return
    const second = this.#secondAt(this.#currentSecond)
    // A snapshot taken in the middle of a second has already stored its first part.
    if (second.latency !== undefined) this.#current.merge(LatencyHistogram.fromSnapshot(second.latency))
    second.latency = this.#current.toSnapshot()
    this.#current.reset()
  }

  #secondOf(atNs: number): number {
    return Math.max(0, Math.floor((atNs - this.#startNs) / 1e9))
  }

  #secondAt(index: number): Second {
    assert(index < secondsMax, 'a timeline spans less than a year')
    while (this.#seconds.length <= index) this.#seconds.push({ offered: 0, completed: 0, failed: 0 })
    const second = this.#seconds[index]
    assert(second !== undefined, 'every second up to the last one exists')
    return second
  }
}

/** Adds up the timelines of several processes, second by second. */
export function mergeTimelines(timelines: readonly (readonly SecondSnapshot[])[]): SecondSnapshot[] {
  const length = Math.max(0, ...timelines.map((timeline) => timeline.length))
  return Array.from({ length }, (_, index) =>
    mergeSeconds(timelines.flatMap((timeline) => timeline[index] ?? [])),
  )
}

/** The points that a report holds. */
export function toTimelinePoints(timeline: readonly SecondSnapshot[]): TimelinePoint[] {
  return timeline.map(({ offered, completed, failed, latency }, atSeconds) => {
    const histogram = latency === undefined ? new LatencyHistogram() : LatencyHistogram.fromSnapshot(latency)
    return {
      atSeconds,
      offered,
      completed,
      failed,
      p50Ns: histogram.percentileNs(0.5),
      p99Ns: histogram.percentileNs(0.99),
      maxNs: histogram.maxNs,
      ...(latency === undefined ? {} : { encoded: latency.encoded }),
    }
  })
}

function mergeSeconds(seconds: readonly SecondSnapshot[]): SecondSnapshot {
  const merged: Second = { offered: 0, completed: 0, failed: 0 }
  const latency = new LatencyHistogram({ significantDigits })
  for (const second of seconds) {
    merged.offered += second.offered
    merged.completed += second.completed
    merged.failed += second.failed
    if (second.latency !== undefined) latency.merge(LatencyHistogram.fromSnapshot(second.latency))
  }
  if (latency.count > 0) merged.latency = latency.toSnapshot()
  return merged
}
