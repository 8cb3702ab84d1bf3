import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../src/support/clock.ts'
import {
  type CapacityResult,
  type CapacitySearch,
  type CurvePoint,
  capacitySchemaVersion,
  summarize,
  wasCutShort,
} from './capacity/capacity-result.ts'
import { capacityLine, capacityMarkdown } from './capacity/formats.ts'
import { kneePerSecond } from './capacity/knee.ts'
import { searchCapacity, type Trial } from './capacity/search-capacity.ts'
import { type Sizing, sizeNodes } from './capacity/sizing.ts'
import type { CapacityFlags } from './capacity-options.ts'
import type { CommandContext } from './command-context.ts'
import { collectEnvironment } from './measure/environment.ts'
import { LatencyHistogram } from './measure/latency-histogram.ts'
import { describeUnmet, judgeObjectives } from './objective/judge-objectives.ts'
import { parseObjectives } from './objective/parse-objectives.ts'
import { registrationBases } from './ordinals.ts'
import { capacityHtml } from './report/html/capacity-page.ts'
import type { DrivenPhase } from './report/report.ts'
import type { Session } from './session.ts'
import { openLoopStep } from './steps.ts'
import { TargetError } from './target/target-error.ts'
import { type ExitCode, exitCodes } from './verdict.ts'
import { withSession } from './with-session.ts'
import { operationKinds } from './workload/operation.ts'

/** `erji-bench capacity`: the highest offered rate that meets the objectives, and the curve on the way there. */
export async function runCapacity(options: CapacityFlags, context: CommandContext): Promise<ExitCode> {
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const { seed, target: url } = options
  return withSession(url, options, context, async (session) => {
    const searches = await searchAll(session, options)
    const { capacityPerSecond, spread } = summarize(searches)
    const curve = searches
      .flatMap(({ trials }) => trials)
      .filter(({ valid }) => valid)
      .toSorted((left, right) => left.offeredPerSecond - right.offeredPerSecond)
    const sizing =
      options.sizing && capacityPerSecond !== undefined
        ? await advise(session, options, capacityPerSecond)
        : undefined
    const { pid: _pid, ...target } = await session.target.describe(AbortSignal.timeout(describeTimeoutMs))
    const result: CapacityResult = {
      capacitySchemaVersion,
      startedAt,
      command: context.command,
      config: options,
      seed,
      environment: collectEnvironment(),
      target,
      objective: options.objective,
      searches,
      capacityPerSecond,
      spread,
      curve,
      kneePerSecond: kneePerSecond(curve),
      ...(sizing === undefined ? {} : { sizing }),
    }
    await write(result, { directory: options.out, json: context.json === true })
    return exitCodeOf(result)
  })
}

const describeTimeoutMs = 10_000

async function searchAll(session: Session, options: CapacityFlags): Promise<CapacitySearch[]> {
  const searches: CapacitySearch[] = []
  const { signal, stream } = session
  for (let index = 0; index < options.searches && !signal.aborted; index++) {
    const { capacityPerSecond, limitedBy, trials } = await searchCapacity<Trial & { point: CurvePoint }>({
      ...options,
      // A later search starts where the one before ended: what it finds is still its own.
      startPerSecond: Math.round((searches.at(-1)?.capacityPerSecond ?? options.start * 2) / 2),
      maxPerSecond: options.maximum,
      signal,
      trial: async (ratePerSecond) => {
        const point = await measureRate(session, options, ratePerSecond)
        const outcome = point.met ? 'met' : point.reasons.join('; ')
        stream.write(`search ${index + 1}: ${ratePerSecond}/s: ${outcome}\n`)
        return { ratePerSecond, met: point.met, valid: point.valid, point }
      },
    })
    stream.write(`search ${index + 1} of ${options.searches}: ${capacityPerSecond ?? 'none'}/s\n`)
    searches.push({ capacityPerSecond, limitedBy, trials: trials.map(({ point }) => point) })
  }
  return searches
}

async function measureRate(session: Session, options: CapacityFlags, rate: number): Promise<CurvePoint> {
  const phaseSeconds = options.warmUp + options.duration
  const [registrationBase = 0] = registrationBases(session.clock, { phases: 1, phaseSeconds })
  // The search judges the trials itself.
  const step = openLoopStep(session, {
    ...options,
    objective: undefined,
    name: `${rate}/s`,
    workloadName: options.preset,
    workload: {
      kind: 'mix',
      preset: options.preset,
      distribution: options.distribution,
      identifiers: options.identifiers,
      registrationBase,
    },
    profile: 'flat',
    ratePerSecond: rate,
    durationSeconds: options.duration,
    warmUpSeconds: options.warmUp,
    timeoutSeconds: options.timeout,
  })
  const { phase, wrong } = await step.perform()
  if (phase.kind !== 'open-loop') throw new TypeError('a trial of a capacity is an open-loop phase')
  if (wrong > 0)
    throw new TargetError('PROTOCOL', `${wrong} wrong answers, such as: ${phase.wrongExamples[0]}`)
  return pointOf(phase, options)
}

function pointOf(phase: DrivenPhase, options: CapacityFlags): CurvePoint {
  const all = new LatencyHistogram()
  for (const { latency } of phase.operations) all.merge(LatencyHistogram.fromHistogram(latency))
  const failed = phase.operations.filter(({ outcome }) => outcome !== 'ok')
  const unmet = judgeObjectives(phase, parseObjectives(options.objective, operationKinds)).filter(
    ({ met }) => !met,
  )
  const reasons = [...unmet.map(describeUnmet), ...phase.invalidBecause]
  return {
    offeredPerSecond: phase.offeredPerSecond,
    achievedPerSecond: phase.achievedPerSecond,
    p50Ns: all.percentileNs(0.5),
    p99Ns: all.percentileNs(0.99),
    p999Ns: all.percentileNs(0.999),
    failedShare: failed.reduce((sum, { count }) => sum + count, phase.dropped) / Math.max(1, phase.due),
    met: phase.valid && unmet.length === 0,
    // A target that misses its objective while the generator is late is still the target's miss only if it held requests.
    valid: phase.valid,
    reasons,
  }
}

async function advise(session: Session, options: CapacityFlags, capacityPerSecond: number): Promise<Sizing> {
  const { records, storeBytes } = await session.target.describe(AbortSignal.timeout(describeTimeoutMs))
  const counters = await session.target.statistics(AbortSignal.timeout(describeTimeoutMs))
  const entries = counters?.['cache.entries'] ?? 0
  return sizeNodes(
    {
      identifiers: options.expectedIdentifiers,
      peakPerSecond: options.expectedPeak,
      growth: options.growth,
      years: options.years,
    },
    {
      capacityPerSecond,
      identifiers: records ?? options.identifiers,
      storeBytesPerRecord:
        records === undefined || storeBytes === undefined || records === 0 ? undefined : storeBytes / records,
      cacheBytesPerEntry: entries === 0 ? undefined : (counters?.['cache.bytes'] ?? 0) / entries,
    },
  )
}

async function write(
  result: CapacityResult,
  { directory, json }: { readonly directory: string; readonly json: boolean },
): Promise<void> {
  await mkdir(directory, { recursive: true })
  const stem = join(directory, `${result.startedAt.replace(/\.\d+/, '').replaceAll(':', '-')}-capacity`)
  const markdown = capacityMarkdown(result)
  await writeFile(`${stem}.json`, `${JSON.stringify(result, undefined, 2)}\n`)
  await writeFile(`${stem}.md`, markdown)
  await writeFile(`${stem}.html`, capacityHtml(result))
  process.stdout.write(
    json
      ? `${JSON.stringify(result, undefined, 2)}\n`
      : `\n${markdown}\n${capacityLine(result).replaceAll('**', '')}\n${stem}.json\n${stem}.md\n${stem}.html\n`,
  )
}

/**
 * No rate meets the objectives: failed. The generator was the limit, or no search came to its end: the figure is a lower bound, and
 * says so as invalid.
 */
export function exitCodeOf({
  capacityPerSecond,
  searches,
}: {
  readonly capacityPerSecond: number | undefined
  readonly searches: readonly Pick<CapacitySearch, 'limitedBy'>[]
}): ExitCode {
  if (searches.some(({ limitedBy }) => limitedBy === 'generator')) return exitCodes.invalid
  if (capacityPerSecond === undefined) return exitCodes.failed
  return searches.every(wasCutShort) ? exitCodes.invalid : exitCodes.passed
}
