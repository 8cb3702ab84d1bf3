import type { DirectLoadResult } from '../direct-load/direct-load.ts'
import type { Environment } from '../report/report.ts'

/** Everything that the scale benchmark found; written after each measurement, so that it can go on after an interruption. */
export type ScaleResult = {
  readonly schemaVersion: 1
  readonly startedAt: string
  readonly environment: Environment
  readonly config: Readonly<Record<string, unknown>>
  readonly sizes: readonly SizeResult[]
}

export type SizeResult = {
  readonly identifiers: number
  readonly load?: Omit<DirectLoadResult, 'identifiers'>
  /** From the start of the process until it listens, with the page cache dropped, and what it then held. */
  readonly readySeconds?: number
  readonly readyResidentBytes?: number
  readonly pageCache?: PageCacheMethod
  readonly reads: readonly ReadResult[]
  readonly registration?: RegistrationResult
}

/** How the page cache was emptied before cold measurements. */
export type PageCacheMethod = 'drop_caches' | 'posix_fadvise' | 'not dropped'

/** One cache size and one way of asking. */
export type ReadResult = {
  readonly asked: AskedName
  readonly cacheShare: number
  readonly cacheEntriesMax: number
  readonly cold?: OfferedResult
  /** Highest and 99th percentile event-loop delay of the node while cold. */
  readonly coldLoopDelaySeconds?: { readonly p99: number; readonly max: number }
  readonly warm?: OfferedResult
  readonly closed?: ClosedResult
  /** Without the engine's tables, which are mapped and belong to the page cache. */
  readonly nodeResidentBytes?: number
  readonly failed?: string
}

export const askedNames = ['zipfian', 'uniform', 'absent'] as const
export type AskedName = (typeof askedNames)[number]

/** An open loop at the offered rate: latency counts from when a request was due. */
export type OfferedResult = {
  readonly answered: number
  readonly failed: number
  readonly dropped: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
  readonly maxNs: number
  readonly hitRatio: number
  readonly firstFailure?: string
}

/** As many requests as one driver gets through, each answer verified. */
export type ClosedResult = {
  readonly perSecond: number
  readonly nodeCpuMicroseconds: number
  readonly hitRatio: number
}

/** Registrations in random order between the loaded keys. */
export type RegistrationResult = {
  readonly registered: number
  readonly failed: number
  readonly perSecond: number
  readonly perSecondOfLastQuarter: number
  readonly nodeCpuMicroseconds: number
  /** The longest time without any batch being acknowledged, and the longest time that one batch took. */
  readonly longestGapSeconds: number
  readonly longestBatchSeconds: number
  readonly durability: string
}
