import { median } from '../gate/evaluate.ts'
import type { Environment, TargetDescription } from '../report/report.ts'
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
  readonly searches: readonly CapacitySearch[]
  /** The median over the searches that count, and how far those lie apart as a share of it. */
  readonly capacityPerSecond: number | undefined
  readonly spread: number | undefined
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

/** Median of what the counted searches found, and how far those lie apart as a share of it; undefined where none found a rate. */
export function summarize(
  searches: readonly CapacitySearch[],
): Pick<CapacityResult, 'capacityPerSecond' | 'spread'> {
  const found = countedSearches(searches).flatMap(({ capacityPerSecond }) => capacityPerSecond ?? [])
  if (found.length === 0) return { capacityPerSecond: undefined, spread: undefined }
  const capacityPerSecond = median(found)
  const spread = found.length < 2 ? undefined : (Math.max(...found) - Math.min(...found)) / capacityPerSecond
  return { capacityPerSecond, spread }
}
