import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { TimelineRecorder } from '../measure/timeline-recorder.ts'
import type { BatchResult } from '../target/target.ts'

/** One batch of registrations that was answered: ordinals from `first` (inclusive) to `end` (exclusive). */
export type AnsweredBatch = {
  readonly first: number
  readonly end: number
  readonly result: BatchResult
  readonly sentNs: number
  readonly doneNs: number
}

/** Adds up the answered batches of a load, which may come in any order. */
export class LoadLedger {
  readonly serviceTime = new LatencyHistogram()
  readonly timeline: TimelineRecorder
  readonly #aheadOfGap = new Map<number, number>()
  #completed: number
  #created = 0
  #identical = 0
  #failed = 0
  #firstFailure: string | undefined

  constructor(options: { readonly from: number; readonly startNs: number }) {
    this.#completed = options.from
    this.timeline = new TimelineRecorder({ startNs: options.startNs })
  }

  /** All ordinals below this were answered, whatever the answer. */
  get completed(): number {
    return this.#completed
  }

  add({ first, end, result, sentNs, doneNs }: AnsweredBatch): void {
    const { created, identical, failed, firstFailure } = result
    this.#created += created
    this.#identical += identical
    this.#failed += failed
    this.#firstFailure ??= firstFailure
    this.serviceTime.record(doneNs - sentNs)
    this.timeline.recordOffered(sentNs, end - first)
    this.timeline.recordDone({ doneNs, latencyNs: doneNs - sentNs, completed: created + identical, failed })
    this.#aheadOfGap.set(first, end)
    this.#closeGap()
  }

  totals() {
    return {
      created: this.#created,
      identical: this.#identical,
      failed: this.#failed,
      firstFailure: this.#firstFailure,
    }
  }

  #closeGap(): void {
    for (;;) {
      const end = this.#aheadOfGap.get(this.#completed)
      if (end === undefined) return
      this.#aheadOfGap.delete(this.#completed)
      this.#completed = end
    }
  }
}
