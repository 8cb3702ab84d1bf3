import { assert } from '../../src/support/assert.ts'
import type { DroppedOperations, Histogram, OperationMeasurement, TimelinePoint } from '../report/report.ts'
import { type OperationKind, type Outcome, operationKinds, outcomes } from '../workload/operation.ts'
import { type HistogramSnapshot, LatencyHistogram } from './latency-histogram.ts'
import {
  mergeTimelines,
  type SecondSnapshot,
  TimelineRecorder,
  toTimelinePoints,
} from './timeline-recorder.ts'

/** How many wrong answers, and how many failures of other kinds, are kept word for word. */
export const examplesMax = 5

/** A longer explanation is cut, so that a target answering with pages cannot swell the report. */
const exampleCharactersMax = 600

/** One settled operation; times are monotonic nanoseconds of the same clock as `startNs`. */
export type OperationSample = {
  readonly kind: OperationKind
  readonly outcome: Outcome
  readonly dueNs: number
  readonly sentNs: number
  readonly doneNs: number
  /** Settled after the phase's time was over, while the last answers were waited for. */
  readonly afterEnd?: boolean
  readonly detail?: string | undefined
}

export interface OperationRecorder {
  record(sample: OperationSample): void
  /** An operation that was due but never sent. */
  recordDropped(kind: OperationKind, dueNs: number): void
  /** How long after its due time the generator got round to an operation; early counts as zero. */
  recordLateness(ns: number): void
  /** Everything recorded so far as plain data, fit for a process message or JSON. */
  snapshot(): OperationSnapshot
}

export type OperationSnapshot = {
  readonly operations: readonly {
    readonly operation: OperationKind
    readonly outcome: Outcome
    readonly latency: HistogramSnapshot
    readonly serviceTime: HistogramSnapshot
    readonly afterEnd: number
  }[]
  readonly dropped: readonly DroppedOperations[]
  readonly schedulingLateness: HistogramSnapshot
  readonly wrongExamples: readonly string[]
  readonly errorExamples: readonly string[]
  readonly timeline: readonly SecondSnapshot[]
}

/** The part of an open-loop phase that recorders know. `due` = `settled` + `dropped` once everything has settled. */
export type OperationSummary = {
  readonly due: number
  readonly settled: number
  readonly dropped: number
  readonly droppedOperations: readonly DroppedOperations[]
  readonly wrong: number
  readonly schedulingLateness: Histogram
  readonly operations: readonly OperationMeasurement[]
  readonly wrongExamples: readonly string[]
  readonly errorExamples: readonly string[]
  readonly timeline: readonly TimelinePoint[]
}

type Cell = {
  readonly operation: OperationKind
  readonly outcome: Outcome
  readonly latency: LatencyHistogram
  readonly serviceTime: LatencyHistogram
  afterEnd: number
}

/** Records one worker's operations since `startNs`; the snapshots of several workers add up with `mergeSnapshots`. */
export function createOperationRecorder(options: { readonly startNs: number }): OperationRecorder {
  return new CellRecorder(options.startNs)
}

/** One snapshot as if a single recorder had seen what all of them saw. */
export function mergeSnapshots(snapshots: readonly OperationSnapshot[]): OperationSnapshot {
  const merged = new CellRecorder(0)
  for (const snapshot of snapshots) merged.add(snapshot)
  return { ...merged.snapshot(), timeline: mergeTimelines(snapshots.map((snapshot) => snapshot.timeline)) }
}

/** The numbers of a snapshot in the form that a report holds, in the order of the operation and outcome lists. */
export function summariseSnapshot(snapshot: OperationSnapshot): OperationSummary {
  const operations = snapshot.operations
    .map(({ operation, outcome, latency, serviceTime, afterEnd }) => ({
      operation,
      outcome,
      count: latency.count,
      ...(afterEnd === 0 ? {} : { afterEnd }),
      latency: LatencyHistogram.fromSnapshot(latency).toHistogram(),
      serviceTime: LatencyHistogram.fromSnapshot(serviceTime).toHistogram(),
    }))
    .sort((left, right) => orderOf(left) - orderOf(right))
  const settled = sum(operations.map(({ count }) => count))
  const dropped = sum(snapshot.dropped.map(({ count }) => count))
  return {
    due: settled + dropped,
    settled,
    dropped,
    droppedOperations: snapshot.dropped,
    wrong: sum(operations.filter(({ outcome }) => outcome === 'wrong').map(({ count }) => count)),
    schedulingLateness: LatencyHistogram.fromSnapshot(snapshot.schedulingLateness).toHistogram(),
    operations,
    wrongExamples: snapshot.wrongExamples,
    errorExamples: snapshot.errorExamples,
    timeline: toTimelinePoints(snapshot.timeline),
  }
}

class CellRecorder implements OperationRecorder {
  // A cell by position costs no string key and no lookup in `record`.
  readonly #cells: (Cell | undefined)[] = new Array(operationKinds.length * outcomes.length).fill(undefined)
  readonly #timeline: TimelineRecorder
  readonly #lateness = new LatencyHistogram()
  readonly #wrongExamples: string[] = []
  readonly #errorExamples: string[] = []
  readonly #dropped = new Map<OperationKind, number>()

  constructor(startNs: number) {
    this.#timeline = new TimelineRecorder({ startNs })
  }

  record(sample: OperationSample): void {
    const { kind, outcome, dueNs, sentNs, doneNs } = sample
    const cell = this.#cellOf(kind, outcome)
    const latencyNs = doneNs - dueNs
    cell.latency.record(latencyNs)
    cell.serviceTime.record(doneNs - sentNs)
    if (sample.afterEnd === true) cell.afterEnd++
    const ok = outcome === 'ok'
    this.#timeline.recordOffered(dueNs)
    this.#timeline.recordDone({ doneNs, latencyNs, completed: ok ? 1 : 0, failed: ok ? 0 : 1 })
    if (!ok) this.#keepExample(sample)
  }

  recordDropped(kind: OperationKind, dueNs: number): void {
    this.#drop(kind, 1)
    this.#timeline.recordOffered(dueNs)
  }

  recordLateness(ns: number): void {
    this.#lateness.record(ns)
  }

  snapshot(): OperationSnapshot {
    return {
      operations: this.#cells
        .filter((cell) => cell !== undefined)
        .map(({ operation, outcome, latency, serviceTime, afterEnd }) => ({
          operation,
          outcome,
          latency: latency.toSnapshot(),
          serviceTime: serviceTime.toSnapshot(),
          afterEnd,
        })),
      dropped: operationKinds.flatMap((operation) => {
        const count = this.#dropped.get(operation)
        return count === undefined ? [] : [{ operation, count }]
      }),
      schedulingLateness: this.#lateness.toSnapshot(),
      wrongExamples: [...this.#wrongExamples],
      errorExamples: [...this.#errorExamples],
      timeline: this.#timeline.toSnapshot(),
    }
  }

  /** Adds all of another recorder's snapshot but its timeline, which `mergeTimelines` adds second by second. */
  add(snapshot: OperationSnapshot): void {
    for (const { operation, outcome, latency, serviceTime, afterEnd } of snapshot.operations) {
      const cell = this.#cellOf(operation, outcome)
      cell.afterEnd += afterEnd
      cell.latency.merge(LatencyHistogram.fromSnapshot(latency))
      cell.serviceTime.merge(LatencyHistogram.fromSnapshot(serviceTime))
    }
    for (const { operation, count } of snapshot.dropped) this.#drop(operation, count)
    this.#lateness.merge(LatencyHistogram.fromSnapshot(snapshot.schedulingLateness))
    appendUpTo(this.#wrongExamples, snapshot.wrongExamples)
    appendUpTo(this.#errorExamples, snapshot.errorExamples)
  }

  #drop(operation: OperationKind, count: number): void {
    this.#dropped.set(operation, (this.#dropped.get(operation) ?? 0) + count)
  }

  #cellOf(operation: OperationKind, outcome: Outcome): Cell {
    const index = operationKinds.indexOf(operation) * outcomes.length + outcomes.indexOf(outcome)
    assert(index >= 0, 'an operation is of a listed kind')
    const existing = this.#cells[index]
    if (existing !== undefined) return existing
    const created = {
      operation,
      outcome,
      latency: new LatencyHistogram(),
      serviceTime: new LatencyHistogram(),
      afterEnd: 0,
    }
    this.#cells[index] = created
    return created
  }

  #keepExample({ kind, outcome, detail }: OperationSample): void {
    const examples = outcome === 'wrong' ? this.#wrongExamples : this.#errorExamples
    if (examples.length >= examplesMax) return
    const text = `${kind}: ${outcome}${detail === undefined ? '' : `: ${detail}`}`
    examples.push(text.length > exampleCharactersMax ? `${text.slice(0, exampleCharactersMax)}…` : text)
  }
}

function appendUpTo(examples: string[], more: readonly string[]): void {
  examples.push(...more.slice(0, examplesMax - examples.length))
}

function orderOf({ operation, outcome }: { operation: OperationKind; outcome: Outcome }): number {
  return operationKinds.indexOf(operation) * outcomes.length + outcomes.indexOf(outcome)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
