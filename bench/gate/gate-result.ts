import type { Environment } from '../report/report.ts'
import type { RatioInterval } from './interval.ts'
import type { MetricVerdict } from './judge.ts'
import type { Measurement, MetricName } from './metric.ts'

/** Raised whenever a reader of older documents would misread a newer one. */
export const gateSchemaVersion = 1

/** One metric of both sides: medians in the metric's unit, their ratio, and what is said of it. */
export type MetricResult = {
  readonly metric: MetricName
  readonly phase?: string
  readonly baseline: number
  readonly candidate: number
  readonly interval: RatioInterval
  readonly verdict: MetricVerdict
  /** Whether the verdict counts; the others are shown only. */
  readonly gating: boolean
}

/** A finished comparison, as it is written and read again. */
export type GateResult = {
  readonly gateSchemaVersion: typeof gateSchemaVersion
  readonly startedAt: string
  readonly seconds: number
  readonly command: readonly string[]
  readonly seed: number
  readonly environment: Environment
  readonly baseline: string
  readonly candidate: string
  /** What the two were, where it can be told: the commit behind a reference, else the address or file as given. */
  readonly sides?: Sided<string>
  /** What both were asked, in words. */
  readonly workload?: string
  readonly threshold: number
  /** `paired`: both sides alternated in one job; `unpaired`: two runs made at other times. */
  readonly design: 'paired' | 'unpaired'
  readonly results: readonly MetricResult[]
  /** Every repetition, for whoever wants to judge otherwise. */
  readonly repetitions: readonly { readonly baseline: Measurement; readonly candidate: Measurement }[]
  readonly verdict: 'passed' | 'regressed' | 'inconclusive' | 'invalid'
  readonly reasons: readonly string[]
  /** Metrics that should have counted and were not measured; each reason is among `reasons` too. */
  readonly notMeasured?: readonly NotMeasured[]
}

type Sided<Value> = { readonly baseline: Value; readonly candidate: Value }

export type NotMeasured = { readonly metric: MetricName; readonly reason: string }
