import type { OperationKind, Outcome } from '../workload/operation.ts'

/** Raised whenever a reader of older documents would misread a newer one. */
export const reportSchemaVersion = 2

/**
 * One benchmark's result: everything a reader needs to believe it, compare it and repeat it. Written once as JSON;
 * every other format is made from it. Durations carry their unit in the name; histograms hold nanoseconds.
 */
export type Report = {
  readonly schemaVersion: typeof reportSchemaVersion
  readonly startedAt: string
  readonly finishedAt: string
  readonly command: readonly string[]
  /** The configuration verbatim, defaults included. */
  readonly config: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly environment: Environment
  readonly target: TargetDescription
  /** What the generator is capable of by itself, measured before the phases. */
  readonly calibration?: Calibration
  readonly phases: readonly Phase[]
  readonly verdict: Verdict
}

export type Environment = {
  readonly cpuModel: string
  readonly logicalCores: number
  readonly memoryBytes: number
  readonly kernel: string
  readonly runtime: string
  /** Commit of the harness, with `+dirty` when the work tree had changes; undefined outside a git checkout. */
  readonly commit?: string
  readonly harnessVersion: string
}

/** What the target says of itself; a foreign server says nothing but its URL. */
export type TargetDescription = {
  readonly url: string
  readonly server?: string
  readonly version?: string
  readonly storeEngine?: string
  readonly durability?: string
  readonly cacheBytesMax?: number
  readonly records?: number
  readonly storeBytes?: number
}

/** The generator without the target: its highest rates, and its latency and lateness against a server that answers at once. */
export type Calibration = {
  /** Against nothing at all. */
  readonly generatorPerSecond: number
  /** Against an echo server in a process of its own; absent in reports that were made without one. */
  readonly echoPerSecond?: number
  /** At which the floor was measured. */
  readonly floorPerSecond?: number
  readonly floorP50Ns: number
  readonly floorP99Ns: number
  readonly latenessP99Ns: number
  /** The phases too near that to say much of the target, each with what is near; absent in older reports. */
  readonly nearFloor?: readonly string[]
}

export type Phase = LoadPhase | DrivenPhase | CeilingPhase

type PhaseBase = {
  readonly name: string
  readonly startedAt: string
  readonly durationSeconds: number
  /** False when the harness, not the target, was the limit: such numbers must not be quoted. */
  readonly valid: boolean
  readonly invalidBecause: readonly string[]
  /** CPU seconds used during the phase by the harness and, where the node runs on this machine and is ours, by the node. */
  readonly harnessCpuSeconds: number
  readonly nodeCpuSeconds?: number
  /** How long the node's threads together were ready to run and had no core, where the kernel tells. */
  readonly nodeWaitedSeconds?: number
  readonly nodeResidentBytes?: number
  /** CPU seconds that all cores of the harness's machine spent, on whatever; undefined where it does not tell. */
  readonly machineCpuSeconds?: number
}

/** Registering identifiers as fast as the target takes them. */
export type LoadPhase = PhaseBase & {
  readonly kind: 'load'
  readonly identifiers: number
  readonly created: number
  readonly identical: number
  readonly failed: number
  readonly registeredPerSecond: number
  readonly generatedJsonBytesPerRecord: number
  readonly storeBytesPerRecord?: number
  /** Identifiers read back after the load and compared with the generator, and how many of those differed. */
  readonly sampled: number
  readonly sampledWrong: number
  readonly batchServiceTime: Histogram
  readonly timeline: readonly TimelinePoint[]
}

/** Operations of a workload, and how they were answered. */
export type DrivenPhase = OpenLoopPhase | ClosedLoopPhase

/** They were sent when they were due, whether or not earlier ones had been answered. */
type OpenLoopPhase = Driven & { readonly kind: 'open-loop' }

/** So many clients asked that waited for their answers: the rate offered is the one that came of it. */
type ClosedLoopPhase = Driven & {
  readonly kind: 'closed-loop'
  readonly closedLoop: { readonly clients: number; readonly thinkSeconds: number }
}

type Driven = PhaseBase & {
  readonly workload: string
  readonly offeredPerSecond: number
  readonly due: number
  readonly sent: number
  /** Due but never sent, because the bound on requests in flight was reached. */
  readonly dropped: number
  /** What they would have been, by kind; absent in older reports. */
  readonly droppedOperations?: readonly DroppedOperations[]
  /**
   * Correct answers that came within `durationSeconds`, divided by it: a backlog that is answered after the last arrival
   * is not achieved, and waiting for a lost answer takes nothing away.
   */
  readonly achievedPerSecond: number
  /** How long the last answers were waited for after `durationSeconds`, in which arrivals were offered; absent in older reports. */
  readonly drainSeconds?: number
  /** How long after its due time the generator got round to each operation. */
  readonly schedulingLateness: Histogram
  readonly operations: readonly OperationMeasurement[]
  readonly wrongExamples: readonly string[]
  readonly errorExamples: readonly string[]
  readonly timeline: readonly TimelinePoint[]
  /** The node's counters over this phase (after minus before), where it publishes them. */
  readonly cache?: {
    readonly hits: number
    readonly misses: number
    readonly negativeHits: number
    readonly hitRatio: number
  }
  /** Over the native protocol, or as a client that retries or caches: requests, those sent again, and those never answered. */
  readonly transport?: {
    readonly requests: number
    readonly retries: number
    readonly unanswered: number
    /** Operations that a cache of the client answered. */
    readonly clientCacheHits?: number
  }
  /** The machine, the generator and the node second by second. */
  readonly host?: readonly HostPoint[]
  /** What was done to the node meanwhile, and what came of it. */
  readonly faults?: readonly FaultEffect[]
  /**
   * Records whose last write was acknowledged during the phase: those read again after it, those of them that were lost, and
   * those that could not be read; this last is absent in reports that were made without it.
   */
  readonly acknowledged?: { readonly checked: number; readonly lost: number; readonly unread?: number }
  /** What the faults cost of the failures that were allowed. */
  readonly errorBudget?: ErrorBudget
}

/** Failures, dropped arrivals included, beside the share of everything due that may fail; `spentShare` above 1 is overspent. */
export type ErrorBudget = {
  readonly allowedShare: number
  readonly failed: number
  readonly spentShare: number
}

/** One injected fault; times in seconds after measuring began, to the second of the timeline. */
export type FaultEffect = {
  readonly kind: string
  readonly fromSeconds: number
  readonly untilSeconds: number
  /** Whether something was due in a later second; without that nobody knows what came of it. Absent in older reports. */
  readonly observed?: boolean
  /** Of the worst second: correct answers as a share of what was due; absent when no second was measured. */
  readonly lowestServedShare?: number
  readonly worstP99Ns?: number
  /** From its beginning to the first second as good as before; absent when none was. */
  readonly recoveredAfterSeconds?: number
}

/** The most a closed loop of one request kind reaches (autocannon): a ceiling to read the offered rates against. */
export type CeilingPhase = PhaseBase & {
  readonly kind: 'ceiling'
  readonly tool: string
  readonly connections: number
  readonly requestsPerSecond: number
  readonly errors: number
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly max: number }
}

/** How many operations of a kind were due but never sent. */
export type DroppedOperations = { readonly operation: OperationKind; readonly count: number }

export type OperationMeasurement = {
  readonly operation: OperationKind
  readonly outcome: Outcome
  readonly count: number
  /** How many of them were settled after the phase's time was over, while the last answers were waited for; absent for none. */
  readonly afterEnd?: number
  /** From when the request was due to when its answer was verified. */
  readonly latency: Histogram
  /** From when the request was sent to when its answer was verified. */
  readonly serviceTime: Histogram
}

/** Nanoseconds: `encoded` is the HdrHistogram V2 compressed form in base64, the rest is read from it. */
export type Histogram = {
  readonly count: number
  readonly meanNs: number
  readonly minNs: number
  readonly p50Ns: number
  readonly p90Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
  readonly maxNs: number
  readonly encoded: string
}

/** One second of a phase. */
export type TimelinePoint = {
  readonly atSeconds: number
  readonly offered: number
  readonly completed: number
  readonly failed: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly maxNs: number
  /** Latency of what was answered in this second: HdrHistogram V2 compressed in base64, two digits. */
  readonly encoded?: string
}

/** What host, generator and node were doing in one second of a phase; absent where it could not be read. */
export type HostPoint = {
  readonly atSeconds: number
  /** Cores busy on the whole machine, with anything, and those busy with the node. */
  readonly machineCores?: number
  readonly nodeCores?: number
  readonly nodeResidentBytes?: number
  /** Longest turn of the event loop of a generating process. */
  readonly generatorLoopDelayNs: number
  /** Share of lookups in this second that the node's cache answered. */
  readonly hitRatio?: number
}

export type Verdict = {
  readonly passed: boolean
  readonly wrongAnswers: number
  /** One sentence for each reason why the run failed or must not be quoted; empty when it passed. */
  readonly reasons: readonly string[]
}
