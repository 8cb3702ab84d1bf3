import type { OperationSnapshot } from '../measure/operation-recorder.ts'
import type { ClientBehaviour } from '../target/client-behaviour.ts'
import type { Credentials, TargetName } from '../target/index.ts'
import type { TransportCounts } from '../target/target.ts'
import type { DistributionName } from '../workload/distributions/index.ts'
import type { PresetName } from '../workload/presets/index.ts'
import type { RecordGeneratorOptions } from '../workload/record-generator.ts'
import type { TraceReading } from '../workload/traces/recorded-trace.ts'
import type { AcknowledgedState } from '../workload/workload.ts'
import type { OpenLoopResult } from './open-loop.ts'
import type { ProfileName } from './profiles/index.ts'
import type { ScheduleName } from './schedules/index.ts'
import type { Turns } from './schedules/taking-turns.ts'

/** Everything one worker needs to do its share of a phase, as plain data that travels between processes. */
export type WorkerPlan = {
  readonly worker: number
  readonly workers: number
  readonly seed: number
  readonly target: {
    readonly name: TargetName
    readonly url: string
    readonly connections: number
    readonly timeoutSeconds: number
    readonly requestsPerConnection?: number | undefined
    readonly insecure?: boolean | undefined
    readonly credentials?: Credentials
  }
  /** So many clients of all workers together that wait for their answers, in the place of the schedule. */
  readonly closedLoop?: { readonly clients: number; readonly thinkSeconds: number } | undefined
  /** What clients do besides asking. */
  readonly client?: ClientBehaviour | undefined
  readonly records: RecordGeneratorOptions
  readonly workload: WorkloadPlan
  readonly schedule: ScheduleName
  /** How the rate changes over the duration, of which it is the peak. */
  readonly profile: ProfileName
  /** Measures only in its own turns, while another generator waits: the duration counts what is its own. */
  readonly turns?: Turns | undefined
  readonly ratePerSecond: number
  /** Undefined for a workload that ends by itself. */
  readonly durationSeconds: number | undefined
  readonly warmUpSeconds: number
  readonly inFlightMax: number
  /** Whether the result names what was registered. */
  readonly tellsAcknowledged?: boolean
  /** Cores that the workers are bound to, in turn, where the system can; any core unless given. */
  readonly cores?: readonly number[] | undefined
}

/** What is asked: a mix of operations over loaded identifiers, or the objects of a recorded trace in their order. */
export type WorkloadPlan =
  | {
      readonly kind: 'mix'
      readonly preset: PresetName
      /** In the place of the preset's own popularity of identifiers. */
      readonly distribution?: DistributionName | undefined
      readonly identifiers: number
      /** From here on ordinals are free to be registered during the run. */
      readonly registrationBase: number
      /** Which phase over the same identifiers it is: each draws anew. */
      readonly phase?: number | undefined
    }
  | {
      readonly kind: 'trace'
      readonly file: string
      readonly reading?: TraceReading
      /** Seconds of the trace in one second, where it is replayed at its own times. */
      readonly speed?: number | undefined
      /** The ordinal of the first object. */
      readonly base: number
    }

/** What one worker measured. */
export type WorkerResult = {
  readonly loop: OpenLoopResult
  readonly snapshot: OperationSnapshot
  readonly cpuSeconds: number
  /** Wrong answers while warming up: not measured, but not forgiven either. */
  readonly warmUpWrong: number
  /** What acknowledged writes led to, where the plan asks for it. */
  readonly acknowledged: readonly AcknowledgedState[]
  /** While measuring; absent where the target does not count it. */
  readonly transport?: TransportCounts
}

/** How far a worker is, since it started to measure. */
export type WorkerProgress = {
  readonly due: number
  readonly answered: number
  readonly failed: number
  /** Latencies since the last report of this kind, and the longest turn of the event loop since then. */
  readonly recent: Uint32Array
  readonly loopDelayNs: number
}
