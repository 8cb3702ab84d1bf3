import type { Clock } from '../../src/support/clock.ts'
import { runOpenLoop } from '../driver/open-loop.ts'
import { schedules } from '../driver/schedules/index.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { processUsage } from '../measure/process-usage.ts'
import type { Target } from '../target/target.ts'
import { createMixedWorkload } from '../workload/mixed-workload.ts'
import type { Preset } from '../workload/presets/preset.ts'
import type { Workload } from '../workload/workload.ts'
import type { AskedName, ClosedResult, OfferedResult } from './scale-result.ts'

export type DriveContext = {
  readonly target: Target
  readonly nodePid: number
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** An answer differed from what was loaded: nothing measured beside it means anything. */
export class WrongAnswerError extends Error {
  override readonly name = 'WrongAnswerError'
}

/** What is asked under each name, of all identifiers. */
export function workloadOf(
  asked: AskedName,
  { identifiers, seed }: { readonly identifiers: number; readonly seed: number },
): Workload {
  return createMixedWorkload({ preset: presets[asked], identifiers, seed, worker: 0, workers: 1 })
}

const presets: Readonly<Record<AskedName, Preset>> = {
  zipfian: {
    name: 'zipfian',
    description: 'Whole records, the popular ones often',
    mix: { resolve: 1 },
    distribution: { name: 'zipfian', exponent: 0.99 },
  },
  uniform: {
    name: 'uniform',
    description: 'Whole records, each as often as the next',
    mix: { resolve: 1 },
    distribution: { name: 'uniform' },
  },
  absent: {
    name: 'absent',
    description: 'Handles that were never registered',
    mix: { absent: 1 },
    distribution: { name: 'uniform' },
  },
}

const inFlightMax = 10_000
const drainSecondsMax = 11

/** Asks at an offered rate. */
export async function driveOffered(
  { target, clock, signal }: DriveContext,
  options: {
    readonly workload: Workload
    readonly ratePerSecond: number
    readonly durationSeconds: number
    readonly seed: number
    /** For a server of a fixed body, whose every answer is wrong and as good as any. */
    readonly countsWrong?: boolean
  },
): Promise<OfferedResult> {
  const schedule = schedules.poisson({ ...options, worker: 0, workers: 1 })
  const latency = new LatencyHistogram()
  let failed = 0
  let dropped = 0
  let wrong: string | undefined
  let firstFailure: string | undefined
  const before = await cacheCounters(target)
  await runOpenLoop({
    ...options,
    schedule,
    target,
    clock,
    signal,
    inFlightMax,
    drainSecondsMax,
    recorder: {
      record({ outcome, detail, dueNs, doneNs }) {
        const isAnswer = outcome === 'ok' || (outcome === 'wrong' && options.countsWrong === true)
        if (outcome === 'wrong' && !isAnswer) wrong ??= detail ?? ''
        if (isAnswer) latency.record(doneNs - dueNs)
        else {
          failed += 1
          firstFailure ??= `${outcome}: ${detail}`
        }
      },
      recordDropped() {
        dropped += 1
      },
      recordLateness: () => undefined,
    },
  })
  if (wrong !== undefined) throw new WrongAnswerError(wrong)
  const { count: answered, p50Ns, p99Ns, p999Ns, maxNs } = latency.toHistogram()
  const hitRatio = await hitRatioSince(target, before)
  const percentiles = { p50Ns, p99Ns, p999Ns, maxNs }
  const counted = { answered, failed, dropped, ...percentiles, hitRatio }
  return firstFailure === undefined ? counted : { ...counted, firstFailure }
}

/** Asks again as soon as an answer is verified, on so many connections. */
export async function driveClosed(
  { target, nodePid, clock, signal }: DriveContext,
  options: {
    readonly workload: Workload
    readonly durationSeconds: number
    readonly connections: number
  },
): Promise<ClosedResult> {
  const { workload, connections } = options
  const before = await cacheCounters(target)
  const cpuBefore = processUsage(nodePid)?.cpuSeconds ?? 0
  const startNs = clock.nowNs()
  const endNs = startNs + options.durationSeconds * 1e9
  const unhurried = new AbortController().signal
  let answered = 0
  let wrong: string | undefined
  const ask = async (): Promise<void> => {
    while (clock.nowNs() < endNs && !signal.aborted && wrong === undefined) {
      const operation = workload.next()
      if (operation === undefined) return
      const { outcome, detail } = await target.perform(operation, unhurried)
      workload.settled?.(operation, outcome === 'ok')
      if (outcome === 'ok') answered += 1
      if (outcome === 'wrong') wrong ??= detail ?? ''
    }
  }
  await Promise.all(Array.from({ length: connections }, ask))
  if (wrong !== undefined) throw new WrongAnswerError(wrong)
  const cpuSeconds = (processUsage(nodePid)?.cpuSeconds ?? 0) - cpuBefore
  return {
    perSecond: (answered * 1e9) / (clock.nowNs() - startNs),
    nodeCpuMicroseconds: answered === 0 ? 0 : (cpuSeconds * 1e6) / answered,
    hitRatio: await hitRatioSince(target, before),
  }
}

type CacheCounters = { readonly hits: number; readonly lookups: number }

async function cacheCounters(target: Target): Promise<CacheCounters> {
  const statistics = (await target.statistics(AbortSignal.timeout(statisticsTimeoutMs))) ?? {}
  const hits = (statistics['cache.hits'] ?? 0) + (statistics['cache.negativeHits'] ?? 0)
  return { hits, lookups: hits + (statistics['cache.misses'] ?? 0) }
}

async function hitRatioSince(target: Target, before: CacheCounters): Promise<number> {
  const after = await cacheCounters(target)
  const lookups = after.lookups - before.lookups
  return lookups === 0 ? 0 : (after.hits - before.hits) / lookups
}

const statisticsTimeoutMs = 30_000
