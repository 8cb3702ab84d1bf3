import { LatencyHistogram } from '../measure/latency-histogram.ts'
import type { OperationRecorder } from '../measure/operation-recorder.ts'
import type { EngineWork } from './engine-log.ts'

export const mixedKinds = ['resolve', 'register'] as const
type MixedKind = (typeof mixedKinds)[number]

/** What one kind of request met in one second, by when it was answered. */
export type SecondOfKind = { readonly answered: number; readonly p99Ms: number; readonly maxMs: number }

/** One second of a mixed run. */
export type MixedSecond = Readonly<Record<MixedKind, SecondOfKind>> & {
  readonly atSeconds: number
  /** Milliseconds of it in which the engine flushed a write buffer or compacted tables. */
  readonly flushMs: number
  readonly compactionMs: number
  /** How late the generator itself was at worst. */
  readonly latenessMs: number
}

/** A time in which at least one request waited beyond the bound, and what went on meanwhile. */
export type Stall = {
  readonly fromSeconds: number
  readonly untilSeconds: number
  readonly longestMs: number
  readonly requests: Readonly<Record<MixedKind, number>>
  /** Background work of the engine that overlaps it. */
  readonly beside: readonly string[]
  /** The generator's own lateness within it, which is no stall of the node. */
  readonly latenessMs: number
}

type Slow = { readonly kind: MixedKind; readonly dueNs: number; readonly doneNs: number }
type Bucket = Record<MixedKind, LatencyHistogram> & { latenessNs: number }

/** Records a mixed run by second, and every request that waited longer than the bound. */
export class MixedRecord implements Omit<OperationRecorder, 'snapshot'> {
  readonly #stallNs: number
  readonly #buckets: Bucket[] = []
  readonly #slow: Slow[] = []
  readonly #late: { readonly atNs: number; readonly latenessNs: number }[] = []
  readonly #latency = { resolve: new LatencyHistogram(), register: new LatencyHistogram() }
  #nowNs: () => number
  notServed = 0
  firstFailure: string | undefined
  wrong: string | undefined

  /** `nowNs` counts from the start of the run. */
  constructor({ stallMs, nowNs }: { readonly stallMs: number; nowNs(): number }) {
    this.#stallNs = stallMs * 1e6
    this.#nowNs = nowNs
  }

  record(sample: Parameters<OperationRecorder['record']>[0]): void {
    const { kind, outcome, detail, dueNs, doneNs } = sample
    if (outcome === 'wrong') this.wrong ??= detail ?? ''
    if (outcome !== 'ok') {
      this.notServed++
      this.firstFailure ??= `${outcome}: ${detail}`
    }
    const asked = kind === 'register' ? 'register' : 'resolve'
    const latencyNs = doneNs - dueNs
    this.#bucketAt(doneNs)[asked].record(latencyNs)
    this.#latency[asked].record(latencyNs)
    if (latencyNs > this.#stallNs) this.#slow.push({ kind: asked, dueNs, doneNs })
  }

  recordDropped(): void {
    this.notServed++
  }

  recordLateness(latenessNs: number): void {
    const atNs = this.#nowNs()
    const bucket = this.#bucketAt(atNs)
    bucket.latenessNs = Math.max(bucket.latenessNs, latenessNs)
    if (latenessNs > this.#stallNs / 10) this.#late.push({ atNs, latenessNs })
  }

  /** Over the whole run. */
  latencyOf(kind: MixedKind): {
    readonly p50Ms: number
    readonly p99Ms: number
    readonly p999Ms: number
    readonly maxMs: number
  } {
    const { p50Ns, p99Ns, p999Ns, maxNs } = this.#latency[kind].toHistogram()
    return { p50Ms: p50Ns / 1e6, p99Ms: p99Ns / 1e6, p999Ms: p999Ns / 1e6, maxMs: maxNs / 1e6 }
  }

  seconds(works: readonly EngineWork[], startMs: number): readonly MixedSecond[] {
    return this.#buckets.map((bucket, atSeconds) => {
      const fromMs = startMs + atSeconds * 1000
      const during = (kind: EngineWork['kind']): number =>
        works.reduce(
          (sum, work) =>
            work.kind === kind ? sum + overlapMs(work, { fromMs, untilMs: fromMs + 1000 }) : sum,
          0,
        )
      return {
        atSeconds,
        resolve: secondOf(bucket.resolve),
        register: secondOf(bucket.register),
        flushMs: during('flush'),
        compactionMs: during('compaction'),
        latenessMs: bucket.latenessNs / 1e6,
      }
    })
  }

  /** Requests beyond the bound whose waiting overlaps are one stall. */
  stalls(works: readonly EngineWork[], startMs: number): readonly Stall[] {
    const groups: Slow[][] = []
    let untilNs = Number.NEGATIVE_INFINITY
    for (const slow of this.#slow.toSorted((left, right) => left.dueNs - right.dueNs)) {
      if (slow.dueNs > untilNs) groups.push([])
      groups.at(-1)?.push(slow)
      untilNs = Math.max(untilNs, slow.doneNs)
    }
    return groups.map((group) => {
      const fromNs = Math.min(...group.map(({ dueNs }) => dueNs))
      const doneNs = Math.max(...group.map((slow) => slow.doneNs))
      const span = { fromMs: startMs + fromNs / 1e6, untilMs: startMs + doneNs / 1e6 }
      const late = this.#late.filter(({ atNs }) => atNs >= fromNs && atNs <= doneNs)
      return {
        fromSeconds: fromNs / 1e9,
        untilSeconds: doneNs / 1e9,
        longestMs: Math.max(...group.map((slow) => (slow.doneNs - slow.dueNs) / 1e6)),
        requests: {
          resolve: group.filter(({ kind }) => kind === 'resolve').length,
          register: group.filter(({ kind }) => kind === 'register').length,
        },
        beside: works.filter((work) => overlapMs(work, span) > 0).map(({ kind, what }) => `${kind}: ${what}`),
        latenessMs: late.reduce((most, { latenessNs }) => Math.max(most, latenessNs / 1e6), 0),
      }
    })
  }

  #bucketAt(atNs: number): Bucket {
    const second = Math.max(0, Math.floor(atNs / 1e9))
    while (this.#buckets.length <= second) this.#buckets.push(emptyBucket())
    return this.#buckets[second] as Bucket
  }
}

type Span = { readonly fromMs: number; readonly untilMs: number }

function overlapMs(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.untilMs, other.untilMs) - Math.max(one.fromMs, other.fromMs))
}

function emptyBucket(): Bucket {
  const digits = { significantDigits: 2 } as const
  return { resolve: new LatencyHistogram(digits), register: new LatencyHistogram(digits), latenessNs: 0 }
}

function secondOf(latency: LatencyHistogram): SecondOfKind {
  return {
    answered: latency.count,
    p99Ms: latency.percentileNs(0.99) / 1e6,
    maxMs: latency.maxNs / 1e6,
  }
}
