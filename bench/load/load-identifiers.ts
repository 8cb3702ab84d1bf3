import type { Clock } from '../../src/support/clock.ts'
import type { Progress } from '../cli/progress.ts'
import { startUsage } from '../measure/phase-usage.ts'
import { toTimelinePoints } from '../measure/timeline-recorder.ts'
import type { LoadPhase } from '../report/report.ts'
import type { Target } from '../target/target.ts'
import type { RecordGenerator } from '../workload/record-generator.ts'
import type { LoadState } from './load-state.ts'
import { readBack } from './read-back.ts'
import { registerBatches } from './register-batches.ts'

export type LoadOptions = {
  readonly target: Target
  readonly generator: RecordGenerator
  /** What the report calls this phase. */
  readonly name: string
  /** The ordinals `first` … `first` + `identifiers` − 1 are registered. */
  readonly first: number
  readonly identifiers: number
  readonly batch: number
  readonly concurrency: number
  /** How many identifiers are read back afterwards. */
  readonly sample: number
  readonly seed: number
  readonly clock: Clock
  readonly progress: Progress
  /** Ends the load after the batches under way. */
  readonly signal: AbortSignal
  /** Absent where a load never goes on later, as into a node that is thrown away. */
  readonly state?: LoadState
}

export type LoadOutcome = {
  readonly phase: LoadPhase
  /** The first identifier that was refused, and why. */
  readonly firstFailure: string | undefined
  /** The first identifier that read back otherwise than it was registered. */
  readonly firstWrong: string | undefined
}

/** So many of the identifiers that a state claims are read back before it is believed. */
const resumeSample = 20

/** Registers a range of identifiers in concurrent batches, reads a sample back, and tells how it went. */
export async function loadIdentifiers(options: LoadOptions): Promise<LoadOutcome> {
  const { target, name, first, identifiers, clock, signal, sample } = options
  const { pid } = await target.describe(signal)
  const from = await resumePoint(options)
  const startedAt = new Date(clock.nowMs()).toISOString()
  const startNs = clock.nowNs()
  const usage = startUsage(pid, clock)
  const ledger = await registerBatches(options, from)
  const durationSeconds = (clock.nowNs() - startNs) / 1e9
  const used = usage.stop()
  const complete = ledger.completed === first + identifiers
  const back = await readBack(options, { below: complete ? ledger.completed : first, count: sample })
  const { created, identical, failed, firstFailure } = ledger.totals()
  const phase: LoadPhase = {
    kind: 'load',
    name,
    startedAt,
    durationSeconds,
    valid: complete && back.unread === 0,
    invalidBecause: [
      ...(complete ? [] : [`interrupted after ${ledger.completed - first} of ${identifiers} identifiers`]),
      ...(back.unread === 0 ? [] : [`${back.unread} identifiers of the sample could not be read back`]),
    ],
    ...used,
    identifiers,
    created,
    identical,
    failed,
    registeredPerSecond: durationSeconds > 0 ? (created + identical) / durationSeconds : 0,
    generatedJsonBytesPerRecord: meanJsonBytes(options),
    ...(await storeBytesPerRecord(target)),
    sampled: back.sampled,
    sampledWrong: back.wrong,
    batchServiceTime: ledger.serviceTime.toHistogram(),
    timeline: toTimelinePoints(ledger.timeline.toSnapshot()),
  }
  return { phase, firstFailure, firstWrong: back.firstWrong }
}

/** Where an earlier load stopped, if what it claims to have registered is really there: a node may have been emptied. */
async function resumePoint(options: LoadOptions): Promise<number> {
  const { first, identifiers, state } = options
  const claimed = Math.min(state?.readCompleted() ?? 0, first + identifiers)
  if (claimed <= first) return first
  const { wrong, unread } = await readBack(options, { below: claimed, count: resumeSample })
  // Interrupted, nothing is known against the claim.
  return options.signal.aborted || (wrong === 0 && unread === 0) ? claimed : first
}

/** By a sample, evenly spaced: counting each record's bytes would cost as much as making them. */
function meanJsonBytes({ generator, first, identifiers }: LoadOptions): number {
  const count = Math.min(1000, identifiers)
  let bytes = 0
  for (let number = 0; number < count; number++) {
    bytes += Buffer.byteLength(
      generator.recordOf(first + Math.floor((number * identifiers) / count), 0).valuesJson,
    )
  }
  return count === 0 ? 0 : bytes / count
}

async function storeBytesPerRecord(target: Target): Promise<{ readonly storeBytesPerRecord?: number }> {
  const statistics = await target.statistics(new AbortController().signal)
  const records = statistics?.records
  const storeBytes = statistics?.storeBytes
  return records && storeBytes ? { storeBytesPerRecord: storeBytes / records } : {}
}
