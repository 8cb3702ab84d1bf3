import type { StoredTrace } from '../workload/traces/stored-trace.ts'
import type { PolicyChoice } from './choices.ts'
import type { CapacityUnit, SimulationResult } from './simulate.ts'

/** How every run of a sweep is made. */
export type SweepSettings = {
  readonly warmUpFraction: number
  readonly ttlSeconds?: number
  readonly useTraceTtl: boolean
  readonly windows: number
  readonly seed: number
}

/** One policy at one capacity. */
export type SweepJob = {
  readonly policy: PolicyChoice
  readonly size: string
  readonly capacity: number
  readonly unit: CapacityUnit
}

/** What a thread of a sweep starts with; the trace's memory is shared. */
export type SweepThreadData = { readonly trace: StoredTrace; readonly settings: SweepSettings }

export type ToSweepThread = { readonly job: number } & SweepJob
export type FromSweepThread = { readonly job: number; readonly result: SimulationResult }
