import { median } from '../gate/evaluate.ts'
import type { Calibration, Environment, TargetDescription } from '../report/report.ts'
import type { SearchResult, Trial } from './search-capacity.ts'
import type { Sizing } from './sizing.ts'

/** Raised whenever a reader of older documents would misread a newer one. */
export const capacitySchemaVersion = 1

/** One point of the curve of latency against offered rate. */
export type CurvePoint = {
  readonly offeredPerSecond: number
  readonly achievedPerSecond: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
  readonly failedShare: number
  /** Of the generator; absent in results of earlier versions. */
  readonly latenessP99Ns?: number
  /** Operations that a cache of the clients answered, as a share of what was due; absent where they have none. */
  readonly clientCacheShare?: number
  /** Which of the figures are mostly the harness's own: p50, p99, rate or lateness. */
  readonly mostlyHarness?: readonly string[]
  readonly met: boolean
  readonly valid: boolean
  /** What was not met, or why the point is invalid, in sentences. */
  readonly reasons: readonly string[]
}

/** One search for the highest rate that meets the objectives. */
export type CapacitySearch = {
  readonly capacityPerSecond: number | undefined
  readonly limitedBy: SearchResult<Trial>['limitedBy']
  readonly trials: readonly CurvePoint[]
  /** Why the target or a worker ended the search, in a sentence. */
  readonly brokenBecause?: string
  /** Answers of the trial that ended the search which differ from what was registered. */
  readonly wrongAnswers?: number
}

/** A finished capacity measurement. */
export type CapacityResult = {
  readonly capacitySchemaVersion: typeof capacitySchemaVersion
  readonly startedAt: string
  readonly command: readonly string[]
  readonly config: Readonly<Record<string, unknown>>
  readonly seed: number
  readonly environment: Environment
  readonly target: TargetDescription
  readonly objective: string
  /** The generator by itself, at the capacity that was found or, without one, at the first rate. */
  readonly calibration?: Calibration
  readonly searches: readonly CapacitySearch[]
  /** The median over the searches that count, how far those lie apart and how far one lies from it at most, as shares of it. */
  readonly capacityPerSecond: number | undefined
  readonly spread: number | undefined
  readonly deviation?: number | undefined
  /** Whether the capacity may be higher, because what it rests on was limited by something else than the target. */
  readonly isLowerBound?: boolean
  /** Every valid trial by rate, and the rate at which latency begins to rise faster than the rate does. */
  readonly curve: readonly CurvePoint[]
  readonly kneePerSecond: number | undefined
  readonly sizing?: Sizing
}

/**
 * The searches that the capacity and its spread are taken from: those that came to their end by themselves. What a search had
 * when it was cut short is a lower bound, and counts only where no search came to its end.
 */
export function countedSearches<Search extends Pick<CapacitySearch, 'limitedBy'>>(
  searches: readonly Search[],
): readonly Search[] {
  const ended = searches.filter((search) => !wasCutShort(search))
  return ended.length === 0 ? searches : ended
}

/** Ended by the most trials that were allowed, by Ctrl-C, or because the target could not be asked any more. */
export function wasCutShort({ limitedBy }: Pick<CapacitySearch, 'limitedBy'>): boolean {
  return limitedBy === 'trials' || limitedBy === 'interrupted' || limitedBy === 'target'
}

/** Whether Ctrl-C ended one of the searches. */
export function wasInterrupted(searches: readonly Pick<CapacitySearch, 'limitedBy'>[]): boolean {
  return searches.some(({ limitedBy }) => limitedBy === 'interrupted')
}

/** What the searches come to together. */
export type SearchSummary = Pick<CapacityResult, 'capacityPerSecond' | 'spread'> & {
  /** How far the search farthest from the capacity is from it, as a share of it; undefined for fewer than two searches. */
  readonly deviation: number | undefined
  /** Whether a search that the capacity rests on ended at its maximum or at the generator's limit, or none came to its end. */
  readonly isLowerBound: boolean
}

/**
 * The median of what the counted searches found, where one that came to its end and found no rate counts as 0; undefined where the median
 * is none. Searches that were cut short found no rate, or one that is a lower bound.
 */
export function summarize(searches: readonly CapacitySearch[]): SearchSummary {
  const counted = countedSearches(searches)
  const found = counted.flatMap(({ capacityPerSecond, ...search }) => {
    if (capacityPerSecond === undefined && wasCutShort(search)) return []
    return { perSecond: capacityPerSecond ?? 0, isLowerBound: isLowerBound(search) }
  })
  const rates = found.map(({ perSecond }) => perSecond)
  const capacityPerSecond = rates.length === 0 ? 0 : median(rates)
  if (capacityPerSecond === 0)
    return { capacityPerSecond: undefined, spread: undefined, deviation: undefined, isLowerBound: false }
  const [least, most] = [Math.min(...rates), Math.max(...rates)]
  const isSingle = rates.length < 2
  const farthest = Math.max(most - capacityPerSecond, capacityPerSecond - least)
  const atMost = found.map((one) => (one.isLowerBound ? Number.POSITIVE_INFINITY : one.perSecond))
  return {
    capacityPerSecond,
    spread: isSingle ? undefined : (most - least) / capacityPerSecond,
    deviation: isSingle ? undefined : farthest / capacityPerSecond,
    isLowerBound: median(atMost) > capacityPerSecond,
  }
}

function isLowerBound(search: Pick<CapacitySearch, 'limitedBy'>): boolean {
  return search.limitedBy === 'maximum' || search.limitedBy === 'generator' || wasCutShort(search)
}
