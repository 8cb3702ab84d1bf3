import type { Clock } from '../../src/support/clock.ts'
import type { Progress } from '../cli/progress.ts'
import { profiles } from '../driver/profiles/index.ts'
import { peakSeconds } from '../driver/profiles/shape-arrivals.ts'
import { judgeValidity } from '../driver/validity.ts'
import type { WorkerPlan, WorkerResult } from '../driver/worker-plan.ts'
import { runWorkers } from '../driver/worker-pool.ts'
import { mergeSnapshots, summariseSnapshot } from '../measure/operation-recorder.ts'
import { type PhaseUsage, startUsage } from '../measure/phase-usage.ts'
import { settledInTime } from '../report/driven-phase.ts'
import type { DrivenPhase, HostPoint } from '../report/report.ts'
import type { Target } from '../target/target.ts'
import { TargetError } from '../target/target-error.ts'
import type { AcknowledgedState } from '../workload/workload.ts'
import { HostSeries } from './host-series.ts'
import { liveLines } from './live-line.ts'

/** One open-loop phase: what each worker does, for how many of them, under which name. */
export type OpenLoopPlan = Omit<WorkerPlan, 'worker' | 'workers'> & {
  readonly name: string
  /** How the report calls what was asked. */
  readonly workloadName: string
  readonly workers: number
}

export type OpenLoopContext = {
  /** For statistics; the workers open their own. */
  readonly target: Target
  readonly clock: Clock
  readonly progress: Progress
  readonly signal: AbortSignal
  /** Called as measuring begins, which waits for it. */
  whenMeasuring?(): void | Promise<void>
}

export type OpenLoopOutcome = {
  readonly phase: DrivenPhase
  readonly wrong: number
  /** What acknowledged writes led to, where the plan asks for it. */
  readonly acknowledged: readonly AcknowledgedState[]
}

type Counters = Readonly<Record<string, number>> | undefined
type Start = {
  readonly startedAt: string
  readonly usage: { stop(): PhaseUsage }
  readonly counters: Counters
}

const statisticsTimeoutMs = 5000

/** Warms up, measures at the offered rate, and turns what the workers saw into a phase of the report. */
export async function measureOpenLoop(
  plan: OpenLoopPlan,
  context: OpenLoopContext,
): Promise<OpenLoopOutcome> {
  const { target, clock, signal, progress } = context
  const { pid } = await target.describe(signal)
  const begin = async (): Promise<Start> => ({
    counters: await countersOf(target),
    usage: startUsage(pid, clock),
    startedAt: new Date(clock.nowMs()).toISOString(),
  })
  let start: Start | undefined
  let host: HostSeries | undefined
  const results = await runWorkers(sharesOf(plan), {
    signal,
    whenWarm: async () => {
      start = await begin()
      host = new HostSeries({
        target,
        nodePid: pid,
        clock,
        whenSecond: (second) => progress.detail?.(liveLines(second)),
      })
      await context.whenMeasuring?.()
    },
    whenProgressed: (told) => {
      host?.progressed(told)
      progress.update(told.due, told.failed > 0 ? `${told.failed} failed` : '')
    },
  }).finally(() => host?.stop())
  // Interrupted while warming up, nothing was measured: the phase says so.
  const { startedAt, usage, counters } = start ?? (await begin())
  const used = usage.stop()
  const after = await countersOf(target)
  return toOutcome(plan, results, {
    startedAt,
    used,
    cache: cacheUse(counters, after),
    interrupted: signal.aborted,
    host: host?.stop() ?? [],
  })
}

function sharesOf({
  name: _name,
  workloadName: _workloadName,
  workers,
  ...plan
}: OpenLoopPlan): WorkerPlan[] {
  const connections = Math.ceil(plan.target.connections / workers)
  const cacheEntries = Math.ceil((plan.client?.cacheEntries ?? 0) / workers)
  return Array.from({ length: workers }, (_, worker) => ({
    ...plan,
    target: { ...plan.target, connections },
    client: { ...plan.client, cacheEntries },
    worker,
    workers,
  }))
}

type Measured = {
  readonly startedAt: string
  readonly used: PhaseUsage
  readonly cache: DrivenPhase['cache'] | undefined
  readonly interrupted: boolean
  readonly host: readonly HostPoint[]
}

function toOutcome(
  plan: OpenLoopPlan,
  results: readonly WorkerResult[],
  measured: Measured,
): OpenLoopOutcome {
  const { startedAt, used, cache, interrupted, host } = measured
  const summary = summariseSnapshot(mergeSnapshots(results.map(({ snapshot }) => snapshot)))
  const due = sum(results.map(({ loop }) => loop.due))
  const sent = sum(results.map(({ loop }) => loop.sent))
  const dropped = sum(results.map(({ loop }) => loop.dropped))
  const droppedWhileLate = sum(results.map(({ loop }) => loop.droppedWhileLate))
  const durationSeconds = Math.max(...results.map(({ loop }) => loop.measuredSeconds))
  const drainSeconds = Math.max(...results.map(({ loop }) => loop.drainSeconds))
  const answered = settledInTime(summary.operations.filter(({ outcome }) => outcome === 'ok'))
  const { durationSeconds: planned } = plan
  const peak = planned === undefined ? undefined : peakSeconds(profiles[plan.profile], planned)
  // The mean over the phase: a profile's peak would flatter what the target has carried.
  const offeredPerSecond =
    planned === undefined || peak === undefined ? plan.ratePerSecond : (plan.ratePerSecond * peak) / planned
  const gaveUp = results.some(({ loop }) => loop.gaveUp)
  const latenessP99Ns = summary.schedulingLateness.p99Ns
  // A Poisson schedule holds about so many; the judge allows a hundredth.
  const scheduled =
    plan.closedLoop === undefined && plan.schedule === 'constant' && planned !== undefined
      ? planned * offeredPerSecond
      : undefined
  const common = {
    name: plan.name,
    workload: plan.workloadName,
    startedAt,
    durationSeconds,
    ...judgeValidity({ due, sent, dropped, droppedWhileLate, latenessP99Ns, scheduled, interrupted, gaveUp }),
    ...used,
    harnessCpuSeconds: used.harnessCpuSeconds + sum(results.map(({ cpuSeconds }) => cpuSeconds)),
    offeredPerSecond:
      plan.closedLoop === undefined ? offeredPerSecond : due / Math.max(durationSeconds, 1e-9),
    due,
    sent,
    dropped,
    droppedOperations: summary.droppedOperations,
    achievedPerSecond: durationSeconds > 0 ? answered / durationSeconds : 0,
    drainSeconds,
    schedulingLateness: summary.schedulingLateness,
    operations: summary.operations,
    wrongExamples: summary.wrongExamples,
    errorExamples: summary.errorExamples,
    timeline: summary.timeline,
    ...(host.length === 0 ? {} : { host }),
    ...(cache === undefined ? {} : { cache }),
    ...transportOf(results),
  }
  const { closedLoop } = plan
  const phase: DrivenPhase =
    closedLoop === undefined
      ? { kind: 'open-loop', ...common }
      : { kind: 'closed-loop', closedLoop, ...common }
  const wrong = summary.wrong + sum(results.map(({ warmUpWrong }) => warmUpWrong))
  return { phase, wrong, acknowledged: results.flatMap(({ acknowledged }) => acknowledged) }
}

function transportOf(results: readonly WorkerResult[]): Pick<DrivenPhase, 'transport'> {
  const counted = results.flatMap(({ transport }) => transport ?? [])
  if (counted.length === 0) return {}
  return {
    transport: {
      requests: sum(counted.map(({ requests }) => requests)),
      retries: sum(counted.map(({ retries }) => retries)),
      unanswered: sum(counted.map(({ unanswered }) => unanswered)),
      ...(counted.some(({ clientCacheHits }) => clientCacheHits !== undefined)
        ? { clientCacheHits: sum(counted.map(({ clientCacheHits = 0 }) => clientCacheHits)) }
        : {}),
    },
  }
}

/** A node too busy to tell its statistics leaves them out of the report. */
async function countersOf(target: Target): Promise<Counters> {
  try {
    return await target.statistics(AbortSignal.timeout(statisticsTimeoutMs))
  } catch (error) {
    if (error instanceof TargetError) return undefined
    throw error
  }
}

function cacheUse(before: Counters, after: Counters): DrivenPhase['cache'] | undefined {
  if (before === undefined || after === undefined) return undefined
  const grown = (name: string): number => Math.max(0, (after[name] ?? 0) - (before[name] ?? 0))
  const hits = grown('cache.hits')
  const misses = grown('cache.misses')
  const negativeHits = grown('cache.negativeHits')
  const lookups = hits + misses + negativeHits
  return { hits, misses, negativeHits, hitRatio: lookups === 0 ? 0 : (hits + negativeHits) / lookups }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
