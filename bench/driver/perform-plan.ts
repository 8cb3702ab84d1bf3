import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout } from 'node:timers/promises'
import { type Clock, systemClock } from '../../src/support/clock.ts'
import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import { LatencyBuckets } from '../measure/latency-buckets.ts'
import {
  createOperationRecorder,
  type OperationRecorder,
  summariseSnapshot,
} from '../measure/operation-recorder.ts'
import { ownUsage } from '../measure/process-usage.ts'
import { behaveAsClient } from '../target/client-behaviour.ts'
import { targets } from '../target/index.ts'
import type { Target, TransportCounts } from '../target/target.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import type { Workload } from '../workload/workload.ts'
import { arrivalsSeed } from './arrivals-seed.ts'
import { runClosedLoop } from './closed-loop.ts'
import { type OpenLoopOptions, type OpenLoopResult, runOpenLoop } from './open-loop.ts'
import { type OpenedWorkload, openWorkload } from './open-workload.ts'
import { openPacer, type Pacer } from './pacer.ts'
import { type ProfileName, profiles } from './profiles/index.ts'
import { peakSeconds, shapeArrivals } from './profiles/shape-arrivals.ts'
import type { ArrivalSchedule } from './schedules/arrival-schedule.ts'
import { type ScheduleOptions, schedules } from './schedules/index.ts'
import { takingTurns } from './schedules/taking-turns.ts'
import type { WorkerPlan, WorkerProgress, WorkerResult } from './worker-plan.ts'

/** The last answers of a phase are waited for a little longer than any request may take. */
const drainSecondsAfterTimeout = 1

/** Beyond those of schedules, which are numbered by worker. */
const clientSeedStream = 1000

/** What connects a worker with whoever runs it. */
export type PlanContext = {
  readonly signal: AbortSignal
  /** Called once warmed up; measuring begins when it resolves. */
  whenWarm(): Promise<void>
  /** Handed the live counts once, as measuring begins. */
  watch?(progress: () => WorkerProgress): void
}

/** One worker's share of a phase: opens its target, warms up, waits for the others, measures. */
export async function performPlan(plan: WorkerPlan, context: PlanContext): Promise<WorkerResult> {
  const clock = systemClock
  const generator = createRecordGenerator(plan.records)
  const workloads = await openWorkload(plan)
  const asked = await targets[plan.target.name]({ ...plan.target, generator, clock })
  const prng = createPrng(deriveSeed(plan.seed, clientSeedStream + plan.worker))
  const target = behaveAsClient(asked, plan.client ?? {}, { generator, clock, prng })
  const pacer = plan.closedLoop === undefined ? await openPacer(clock) : undefined
  const parts = { target, clock, pacer }
  try {
    const warmUpWrong = await warmUp(plan, {
      ...parts,
      workload: workloads.warmUp,
      signal: context.signal,
    })
    await context.whenWarm()
    const measured = await measure(plan, { ...parts, workloads, context })
    const acknowledged = plan.tellsAcknowledged === true ? (workloads.measured.acknowledged?.() ?? []) : []
    return { ...measured, warmUpWrong, acknowledged }
  } finally {
    await pacer?.close()
    await target.close()
  }
}

type Parts = {
  readonly workload: Workload
  readonly target: Target
  readonly clock: Clock
  readonly pacer: Pacer | undefined
}

/** So many whole measurements make up the warm-up. */
const warmUpRounds = 3

/**
 * Everything that measuring runs, with its results thrown away: code that runs for the first time as measuring begins is compiled then,
 * and most of what is sent late would be sent late in that second. It is done more than once, from the loop to the summary, because the
 * compiler specialises on the first loop and on histograms that nothing was read from, and starts anew when another follows.
 */
async function warmUp(plan: WorkerPlan, parts: Parts & { readonly signal: AbortSignal }): Promise<number> {
  let wrong = 0
  for (let round = 1; round <= warmUpRounds && plan.warmUpSeconds > 0 && !parts.signal.aborted; round++) {
    const recorder = createOperationRecorder({ startNs: 0 })
    const counted = countProgress(recorder)
    // A seed of its own, or a Poisson schedule would repeat its first gaps when measuring.
    const roundPlan = {
      ...plan,
      profile: 'flat' as const,
      turns: undefined,
      durationSeconds: plan.warmUpSeconds / warmUpRounds,
      seed: deriveSeed(plan.seed, round),
    }
    await runLoop(roundPlan, loopOptions(roundPlan, { ...parts, recorder: counted.recorder }), parts.pacer)
    counted.progress()
    counted.stop()
    wrong += summariseSnapshot(recorder.snapshot()).wrong
  }
  return wrong
}

async function measure(
  plan: WorkerPlan,
  {
    context,
    workloads: { measured: workload, warmUp: _warmUp, ...own },
    ...others
  }: Omit<Parts, 'workload'> & { readonly context: PlanContext; readonly workloads: OpenedWorkload },
): Promise<Omit<WorkerResult, 'warmUpWrong' | 'acknowledged'>> {
  const parts = { ...others, workload }
  const recorder = createOperationRecorder({ startNs: 0 })
  const counted = countProgress(recorder)
  context.watch?.(counted.progress)
  const before = ownUsage()
  const transportBefore = parts.target.transport?.()
  const planned = loopOptions(plan, { ...parts, recorder: counted.recorder, signal: context.signal })
  const options = { ...planned, ...own }
  const startNs = parts.clock.nowNs()
  const loop = await runLoop(plan, options, parts.pacer)
  // Summing up takes a core, which the other generator's last turn would miss.
  if (plan.turns !== undefined && !context.signal.aborted) await untilTurnsEnd(plan, startNs, parts.clock)
  counted.stop()
  const transport = transportSince(transportBefore, parts.target.transport?.())
  return {
    loop,
    snapshot: recorder.snapshot(),
    cpuSeconds: ownUsage().cpuSeconds - before.cpuSeconds,
    ...(transport === undefined ? {} : { transport }),
  }
}

async function untilTurnsEnd(
  { durationSeconds = 0 }: WorkerPlan,
  startNs: number,
  clock: Clock,
): Promise<void> {
  const leftMs = 2 * durationSeconds * 1000 - (clock.nowNs() - startNs) / 1e6
  if (leftMs > 0) await setTimeout(leftMs)
}

/** Warming up as well as measuring, by the schedule or by clients that wait. */
function runLoop(
  plan: WorkerPlan,
  options: OpenLoopOptions,
  pacer: Pacer | undefined,
): Promise<OpenLoopResult> {
  return plan.closedLoop === undefined
    ? runOpenLoop(options, pacer)
    : runClosedLoop({ ...options, ...closedOptions(plan, plan.closedLoop) })
}

function closedOptions(
  { durationSeconds = 0, worker, workers, workload, seed }: WorkerPlan,
  { clients, thinkSeconds }: { readonly clients: number; readonly thinkSeconds: number },
) {
  const own = Math.floor(clients / workers) + (worker < clients % workers ? 1 : 0)
  return {
    clients: own,
    thinkSeconds,
    durationSeconds,
    prng: createPrng(deriveSeed(arrivalsSeed({ workload, seed }), clientSeedStream * 2 + worker)),
  }
}

function transportSince(
  before: TransportCounts | undefined,
  after: TransportCounts | undefined,
): TransportCounts | undefined {
  if (before === undefined || after === undefined) return undefined
  return {
    requests: after.requests - before.requests,
    retries: after.retries - before.retries,
    unanswered: after.unanswered - before.unanswered,
    ...(after.clientCacheHits === undefined
      ? {}
      : { clientCacheHits: after.clientCacheHits - (before.clientCacheHits ?? 0) }),
  }
}

function loopOptions(
  plan: WorkerPlan,
  parts: Parts & Pick<OpenLoopOptions, 'recorder' | 'signal'>,
): OpenLoopOptions {
  const { ratePerSecond, worker, workers, inFlightMax } = plan
  const durationSeconds = plan.durationSeconds ?? Number.POSITIVE_INFINITY
  const share = { ratePerSecond, worker, workers, seed: arrivalsSeed(plan) }
  const arrivals =
    plan.profile === 'flat'
      ? schedules[plan.schedule]({ ...share, durationSeconds })
      : shaped(plan.profile, { durationSeconds, open: schedules[plan.schedule], share })
  const schedule = plan.turns === undefined ? arrivals : takingTurns(arrivals, plan.turns)
  const drainSecondsMax = plan.target.timeoutSeconds + drainSecondsAfterTimeout
  // Turns end with the last arrival of their own.
  const scheduledSeconds = plan.turns === undefined ? plan.durationSeconds : undefined
  const bounds = { inFlightMax: Math.ceil(inFlightMax / workers), scheduledSeconds, drainSecondsMax }
  return { ...parts, schedule, ...bounds }
}

function shaped(
  name: ProfileName,
  parts: {
    readonly durationSeconds: number
    readonly open: (options: ScheduleOptions) => ArrivalSchedule
    readonly share: Omit<ScheduleOptions, 'durationSeconds'>
  },
): ArrivalSchedule {
  const { durationSeconds, open, share } = parts
  const base = open({ ...share, durationSeconds: peakSeconds(profiles[name], durationSeconds) })
  return shapeArrivals(base, profiles[name], { durationSeconds })
}

/** A generator that spins to its next due time has no idle turns: finer sampling would only cost. */
const loopDelayResolutionMs = 10

/** Counts what passes on its way to the recorder. */
function countProgress(recorder: OperationRecorder) {
  let due = 0
  let answered = 0
  let failed = 0
  const recent = new LatencyBuckets()
  const loopDelay = monitorEventLoopDelay({ resolution: loopDelayResolutionMs })
  loopDelay.enable()
  const counted: OpenLoopOptions['recorder'] = {
    record(sample) {
      answered += 1
      if (sample.outcome !== 'ok') failed += 1
      recent.record(sample.doneNs - sample.dueNs)
      recorder.record(sample)
    },
    recordDropped: (kind, dueNs) => recorder.recordDropped(kind, dueNs),
    recordLateness(latenessNs) {
      due += 1
      recorder.recordLateness(latenessNs)
    },
  }
  const progress = (): WorkerProgress => {
    // What is recorded is the time between two samples, the pause that was asked for included.
    const loopDelayNs = Math.max(0, loopDelay.max - loopDelayResolutionMs * 1e6)
    loopDelay.reset()
    return { due, answered, failed, recent: recent.take(), loopDelayNs }
  }
  return { recorder: counted, progress, stop: () => loopDelay.disable() }
}
