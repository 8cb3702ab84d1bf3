import type { Environment, TargetDescription } from '../report/report.ts'
import type { Sizing } from './sizing.ts'

/** Raised whenever a reader of older documents would misread a newer one. */
export const capacitySchemaVersion = 1

/** One point of the curve of latency against offered rate. */
export type CurvePoint = {
  readonly offeredPerSecond: number
  readonly achievedPerSecond: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
  readonly failedShare: number
  readonly met: boolean
  readonly valid: boolean
  /** What was not met, or why the point is invalid, in sentences. */
  readonly reasons: readonly string[]
}

/** One search for the highest rate that meets the objectives. */
export type CapacitySearch = {
  readonly capacityPerSecond: number | undefined
  readonly limitedBy: string | undefined
  readonly trials: readonly CurvePoint[]
}

/** A finished capacity measurement. */
export type CapacityResult = {
  readonly capacitySchemaVersion: typeof capacitySchemaVersion
  readonly startedAt: string
  readonly command: readonly string[]
  readonly config: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly environment: Environment
  readonly target: TargetDescription
  readonly objective: string
  readonly searches: readonly CapacitySearch[]
  /** The median over the searches, and how far the searches lie apart as a share of it. */
  readonly capacityPerSecond: number | undefined
  readonly spread: number | undefined
  /** Every valid trial by rate, and the rate at which latency begins to rise faster than the rate does. */
  readonly curve: readonly CurvePoint[]
  readonly kneePerSecond: number | undefined
  readonly sizing?: Sizing
}
