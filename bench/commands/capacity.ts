import { systemClock } from '../../src/support/clock.ts'
import { capacityHtml } from '../capacity/capacity-page.ts'
import {
  type CapacityResult,
  type CapacitySearch,
  type CurvePoint,
  capacitySchemaVersion,
  summarize,
  wasCutShort,
  wasInterrupted,
} from '../capacity/capacity-result.ts'
import { capacityLine, capacityMarkdown } from '../capacity/formats.ts'
import { kneePerSecond } from '../capacity/knee.ts'
import { markCurve } from '../capacity/mark-curve.ts'
import { searchCapacity, type Trial } from '../capacity/search-capacity.ts'
import { type Sizing, sizeNodes } from '../capacity/sizing.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { collectEnvironment } from '../measure/environment.ts'
import type { Calibration, TargetDescription } from '../report/report.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { calibrate, calibratedLoad } from '../run/calibrate.ts'
import { describe, describeIfAnswering, isBroken } from '../run/run-benchmark.ts'
import type { Session } from '../run/session.ts'
import { withSession } from '../run/with-session.ts'
import { writeShare } from '../workload/presets/asked-operations.ts'
import { presets } from '../workload/presets/index.ts'
import { type CapacityFlags, firstRate, objectiveOf, trialSeconds } from './capacity-options.ts'
import { settle } from './capacity-settling.ts'
import { type BrokenTrial, measureRate } from './capacity-trial.ts'

/** `erji-bench capacity`: the highest offered rate that meets the objectives, and the curve on the way there. */
export async function runCapacity(options: CapacityFlags, context: CommandContext): Promise<ExitCode> {
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const { seed, target: url } = options
  const objective = objectiveOf(options)
  return withSession(url, options, context, async (session) => {
    const before = await describe(session.target)
    tellWholeCycles(session, options)
    const searches = await searchAll(session, options)
    // What it measured is worth keeping where the target is gone: it is described as it was.
    const after = await describeIfAnswering(session.target)
    const summary = summarize(searches)
    const { capacityPerSecond, isLowerBound } = summary
    const curve = searches
      .flatMap(({ trials }) => trials)
      .filter(({ valid }) => valid)
      .toSorted((left, right) => left.offeredPerSecond - right.offeredPerSecond)
    const calibration = await calibrated(session, options, capacityPerSecond)
    const sizing =
      options.sizing && capacityPerSecond !== undefined && after !== undefined
        ? await advise(session, options, { capacityPerSecond, isLowerBound, target: after })
        : undefined
    const result: CapacityResult = {
      capacitySchemaVersion,
      startedAt,
      command: context.command,
      config: { ...options, objective, start: firstRate(options), trialSeconds: trialSeconds(options) },
      seed,
      environment: collectEnvironment(),
      target: after ?? before,
      objective,
      ...(calibration === undefined ? {} : { calibration }),
      searches,
      ...summary,
      curve: markCurve(curve, { objective, calibration }),
      kneePerSecond: kneePerSecond(curve),
      ...(sizing === undefined ? {} : { sizing }),
    }
    await write(result, { directory: options.out, json: context.json === true })
    return exitCodeOf(result)
  })
}

const statisticsTimeoutMs = 10_000

function tellWholeCycles({ stream }: Session, options: CapacityFlags): void {
  const { preset, duration } = options
  const seconds = trialSeconds(options)
  if (seconds === duration) return
  stream.write(`a trial measures ${seconds} s rather than ${duration}: whole cycles of ${preset}\n`)
}

/** A search that the target or a worker breaks is the last; what was measured before is kept. */
async function searchAll(session: Session, options: CapacityFlags): Promise<CapacitySearch[]> {
  const searches: CapacitySearch[] = []
  const { signal, stream } = session
  const settled = await settle(session, options)
  if (settled.broken !== undefined) return [unsearched(settled.broken, signal)]
  do {
    const name = `search ${searches.length + 1}`
    // A later search starts below where the one before ended: what it finds is still its own, and its doubling overloads nobody for long.
    const before = searches.at(-1)?.capacityPerSecond
    const startPerSecond = before === undefined ? settled.startPerSecond : Math.round(before * 0.75)
    const search = await searchOnce(session, options, { name, startPerSecond })
    const found = search.capacityPerSecond ?? 'none'
    stream.write(`${name} of ${options.searches}: ${found}/s${toldReason(search)}\n`)
    searches.push(search)
  } while (searches.length < options.searches && !signal.aborted && searches.at(-1)?.limitedBy !== 'target')
  return searches
}

function toldReason({ brokenBecause }: CapacitySearch): string {
  return brokenBecause === undefined ? '' : `, ended: ${brokenBecause}`
}

/** The target broke, or Ctrl-C came, before the first search. */
function unsearched({ because, wrongAnswers }: BrokenTrial, { aborted }: AbortSignal): CapacitySearch {
  const none = { capacityPerSecond: undefined, trials: [] }
  if (aborted && wrongAnswers === 0) return { ...none, limitedBy: 'interrupted' }
  return { ...none, limitedBy: 'target', brokenBecause: because, wrongAnswers }
}

type SearchPlan = { readonly name: string; readonly startPerSecond: number }

async function searchOnce(
  session: Session,
  options: CapacityFlags,
  { name, startPerSecond }: SearchPlan,
): Promise<CapacitySearch> {
  const { signal, stream } = session
  let broken: BrokenTrial | undefined
  const { capacityPerSecond, limitedBy, trials } = await searchCapacity<Trial & { point: CurvePoint }>({
    ...options,
    startPerSecond,
    maxPerSecond: options.maximum,
    signal,
    trial: async (ratePerSecond) => {
      const outcome = await measureRate(session, options, ratePerSecond)
      if (outcome.kind === 'broken') {
        broken = outcome
        return undefined
      }
      const { point } = outcome
      const { met, valid } = point
      stream.write(`${name}: ${ratePerSecond}/s: ${met ? 'met' : point.reasons.join('; ')}\n`)
      return { ratePerSecond, met, valid, point }
    },
  })
  const search = { capacityPerSecond, limitedBy, trials: trials.map(({ point }) => point) }
  if (broken === undefined || (limitedBy === 'interrupted' && broken.wrongAnswers === 0)) return search
  return { ...search, brokenBecause: broken.because, wrongAnswers: broken.wrongAnswers }
}

/** After the search, which tells at which rate the generator's floor matters. */
async function calibrated(
  session: Session,
  options: CapacityFlags,
  capacityPerSecond: number | undefined,
): Promise<Calibration | undefined> {
  if (options.skipCalibration || session.signal.aborted) return undefined
  const load = calibratedLoad({ ...options, rate: capacityPerSecond ?? firstRate(options) })
  try {
    return await calibrate({ ...session, ...load })
  } catch (error) {
    // The search is worth keeping without it.
    if (!isBroken(error)) throw error
    session.stream.write(`the generator could not be measured by itself: ${error.message}\n`)
    return undefined
  }
}

type MeasuredTarget = {
  readonly capacityPerSecond: number
  readonly isLowerBound: boolean
  readonly target: TargetDescription
}

async function advise(
  session: Session,
  options: CapacityFlags,
  { capacityPerSecond, isLowerBound, target: { records, storeBytes } }: MeasuredTarget,
): Promise<Sizing> {
  const counters = await countersIfAnswering(session)
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
      isLowerBound,
      writeShare: writeShare(presets[options.preset]),
      identifiers: records ?? options.identifiers,
      storeBytesPerRecord:
        records === undefined || storeBytes === undefined || records === 0 ? undefined : storeBytes / records,
      cacheBytesPerEntry: entries === 0 ? undefined : (counters?.['cache.bytes'] ?? 0) / entries,
    },
  )
}

async function countersIfAnswering({
  target,
}: Session): Promise<Readonly<Record<string, number>> | undefined> {
  try {
    return await target.statistics(AbortSignal.timeout(statisticsTimeoutMs))
  } catch (error) {
    if (isBroken(error)) return undefined
    throw error
  }
}

async function write(
  result: CapacityResult,
  { directory, json }: { readonly directory: string; readonly json: boolean },
): Promise<void> {
  const markdown = capacityMarkdown(result)
  const paths = await writeResult({
    ...{ directory, startedAt: result.startedAt, name: 'capacity' },
    files: [
      ['.json', () => readableJson(result)],
      ['.md', () => markdown],
      ['.html', () => capacityHtml(result)],
    ],
  })
  process.stdout.write(
    json
      ? readableJson(result)
      : `\n${markdown}\n${capacityLine(result).replaceAll('**', '')}\n${paths.join('\n')}\n`,
  )
}

/**
 * Wrong answers or a target that cannot be asked any more: failed, as in a run. Interrupted before any rate was confirmed, limited by the
 * generator, or by a search that did not come to its end: the figure is a lower bound or none, and says so as invalid.
 */
export function exitCodeOf({
  capacityPerSecond,
  searches,
}: {
  readonly capacityPerSecond: number | undefined
  readonly searches: readonly Pick<CapacitySearch, 'limitedBy' | 'wrongAnswers'>[]
}): ExitCode {
  if (searches.some(({ limitedBy, wrongAnswers = 0 }) => limitedBy === 'target' || wrongAnswers > 0))
    return exitCodes.failed
  if (searches.some(({ limitedBy }) => limitedBy === 'generator')) return exitCodes.invalid
  if (capacityPerSecond === undefined) return wasInterrupted(searches) ? exitCodes.invalid : exitCodes.failed
  return searches.every(wasCutShort) ? exitCodes.invalid : exitCodes.passed
}
