import { startProgress } from '../cli/progress.ts'
import { type ProfileName, profiles } from '../driver/profiles/index.ts'
import { peakSeconds } from '../driver/profiles/shape-arrivals.ts'
import type { ScheduleName } from '../driver/schedules/index.ts'
import type { WorkloadPlan } from '../driver/worker-plan.ts'
import { loadIdentifiers } from '../load/load-identifiers.ts'
import type { LoadState } from '../load/load-state.ts'
import { describeUnmet, judgeObjectives } from '../objective/judge-objectives.ts'
import { parseObjectives } from '../objective/parse-objectives.ts'
import { handlePath } from '../target/handle-path.ts'
import { targetNameOf } from '../target/index.ts'
import { TargetError } from '../target/target-error.ts'
import { derivedPrefixesOf } from '../workload/derived-prefixes.ts'
import { operationKinds } from '../workload/operation.ts'
import { probeCeiling } from './ceiling-phase.ts'
import { measureOpenLoop, type OpenLoopOutcome } from './open-loop-phase.ts'
import type { Step } from './run-benchmark.ts'
import type { Session } from './session.ts'

/** Few enough bytes for the node to answer soon, enough records that the request around them costs nothing. */
export const batchDefault = 2000
/** Enough that the node always has a batch at hand while the harness makes the next. */
export const concurrencyDefault = 4
export const sampleDefault = 1000
export const inFlightDefault = 10_000

export type LoadStepOptions = {
  readonly name: string
  readonly first: number
  readonly identifiers: number
  readonly batch: number
  readonly concurrency: number
  readonly sample: number
  readonly state?: LoadState
}

/** Registers identifiers. */
export function loadStep(session: Session, options: LoadStepOptions): Step {
  const { name, identifiers: total } = options
  return {
    name,
    async perform() {
      const progress = startProgress({ ...session, label: name, total, unit: 'identifiers' })
      try {
        await homeDerivedPrefixes(session)
        const { phase, firstFailure, firstWrong } = await loadIdentifiers({
          ...options,
          ...session,
          progress,
        })
        const faults = []
        if (firstFailure !== undefined)
          faults.push(`${name}: the first that was not registered: ${firstFailure}`)
        if (firstWrong !== undefined) faults.push(`${name}: the first that read back wrong: ${firstWrong}`)
        return { phase, wrong: phase.sampledWrong, faults }
      } finally {
        progress.stop()
      }
    },
  }
}

/** Records under derived prefixes need those to be homed first. @throws TargetError */
export async function homeDerivedPrefixes({ target, records, signal }: Session): Promise<void> {
  const { prefix, derivedPrefixes = 1 } = records
  if (derivedPrefixes <= 1) return
  if (target.homePrefixes === undefined) {
    throw new TargetError('REFUSED', 'derived prefixes are created over HTTP: load through an http address')
  }
  await target.homePrefixes(derivedPrefixesOf(prefix, derivedPrefixes), signal)
}

export type OpenLoopStepOptions = {
  readonly name: string
  readonly workloadName: string
  readonly workload: WorkloadPlan
  readonly schedule: ScheduleName
  readonly profile: ProfileName
  readonly ratePerSecond: number
  readonly durationSeconds: number | undefined
  /** How many operations a workload that ends by itself holds. */
  readonly operations?: number
  readonly warmUpSeconds: number
  readonly workers: number
  readonly connections: number
  readonly timeoutSeconds: number
  /** What clients do: see `ClientBehaviour`, and how many requests each connection carries. */
  readonly retries?: number | undefined
  readonly clientCache?: number | undefined
  readonly requestsPerConnection?: number | undefined
  /** Clients that wait for their answers, in the place of the schedule. */
  readonly closedLoop?: { readonly clients: number; readonly thinkSeconds: number } | undefined
  /** Cores that the workers are bound to, in turn. */
  readonly cores?: readonly number[] | undefined
  /** What the phase must meet for the run to pass. */
  readonly objective?: string | undefined
}

/** Drives the node at an offered rate. */
export function openLoopStep(session: Session, options: OpenLoopStepOptions): Step {
  const { name, ratePerSecond, schedule } = options
  return { name, offered: { ratePerSecond, schedule }, perform: () => driveOpenLoop(session, options) }
}

/** Performs one open-loop phase with its progress shown, and holds it against its objective. */
export async function driveOpenLoop(session: Session, options: DriveOptions): Promise<DriveOutcome> {
  const { connections, timeoutSeconds, operations, objective, whenMeasuring, ...others } = options
  const { retries, clientCache, requestsPerConnection, ...plan } = others
  const objectives = objective === undefined ? [] : parseObjectives(objective, operationKinds)
  const { url, credentials, records, seed, insecure } = session
  const peak = peakSeconds(profiles[plan.profile], plan.durationSeconds ?? 0)
  const total = operations ?? Math.round(peak * plan.ratePerSecond)
  const progress = startProgress({ ...session, label: plan.name, total, unit: 'operations' })
  try {
    const target = {
      name: targetNameOf(url),
      url,
      connections,
      timeoutSeconds,
      requestsPerConnection,
      insecure,
      ...(credentials === undefined ? {} : { credentials }),
    }
    const outcome = await measureOpenLoop(
      {
        ...plan,
        workload: drawnAnew(plan.workload, session),
        target,
        client: { retriesMax: retries, cacheEntries: clientCache },
        records,
        seed,
        inFlightMax: inFlightDefault,
      },
      { ...session, progress, ...(whenMeasuring === undefined ? {} : { whenMeasuring }) },
    )
    // What was cut short is not held against what a whole phase must meet.
    const judged = session.signal.aborted ? [] : judgeObjectives(outcome.phase, objectives)
    const unmet = judged.filter(({ met }) => !met)
    return { ...outcome, faults: unmet.map((result) => `${plan.name}: ${describeUnmet(result)}`) }
  } finally {
    progress.stop()
  }
}

/** A recorded trace is asked in its own order, each time. */
export function drawnAnew(workload: WorkloadPlan, session: Pick<Session, 'nextPhase'>): WorkloadPlan {
  return workload.kind === 'mix' ? { ...workload, phase: session.nextPhase() } : workload
}

export type DriveOptions = OpenLoopStepOptions & {
  /** Whether the outcome names what was registered. */
  readonly tellsAcknowledged?: boolean
  /** Called as measuring begins. */
  whenMeasuring?(): void
}

/** The phase, what was wrong, what was registered, and what was not met, in sentences. */
export type DriveOutcome = OpenLoopOutcome & { readonly faults: readonly string[] }

/** Asks for one cached record as fast as a closed loop can. */
export function ceilingStep(
  session: Session,
  options: { readonly ordinal: number; readonly connections: number; readonly durationSeconds: number },
): Step {
  const name = 'ceiling'
  return {
    name,
    async perform() {
      const { target, generator, clock, signal, stream } = session
      const { pid: nodePid } = await target.describe(signal)
      const url = new URL(handlePath(generator.handleOf(options.ordinal)), session.url).href
      stream.write(`${name}: one cached record for ${options.durationSeconds} s …\n`)
      const phase = await probeCeiling({ ...options, url, nodePid, clock, signal })
      return { phase, wrong: 0, faults: [] }
    },
  }
}
