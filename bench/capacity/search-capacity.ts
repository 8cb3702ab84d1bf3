/** What one trial at an offered rate came to. */
export type Trial = {
  readonly ratePerSecond: number
  readonly met: boolean
  /** The generator, not the target, was the limit: neither met nor missed. */
  readonly valid: boolean
}

export type SearchOptions<Result extends Trial> = {
  readonly startPerSecond: number
  readonly maxPerSecond: number
  /** The search ends when the bounds are within this share of each other. */
  readonly precision: number
  /** How often the answer must be met again before it is believed. */
  readonly confirmations: number
  readonly trialsMax: number
  /** Undefined where the trial could not be finished, which ends the search. */
  trial(ratePerSecond: number): Promise<Result | undefined>
  readonly signal: AbortSignal
}

export type SearchResult<Result extends Trial> = {
  /**
   * The highest rate that met the objectives and was confirmed; where the search ended before it had confirmed one, the highest that
   * other trials bear out. Undefined when none was.
   */
  readonly capacityPerSecond: number | undefined
  readonly trials: readonly Result[]
  /** Why the capacity may be higher than was found, or was not found; undefined when the search ended by itself. */
  readonly limitedBy: 'generator' | 'maximum' | 'trials' | 'interrupted' | 'target' | undefined
}

/**
 * The highest offered rate that meets the objectives: doubling until one is missed, then halving the gap on the scale of
 * ratios, then confirming. A rate that fails its confirmation becomes the upper bound, so one lucky trial is not believed; and a rate that
 * is missed is tried again at once, so neither is one that something else on the machine disturbed.
 */
export async function searchCapacity<Result extends Trial>(
  options: SearchOptions<Result>,
): Promise<SearchResult<Result>> {
  const { precision, trialsMax, signal, maxPerSecond } = options
  const trials: Result[] = []
  let low: number | undefined
  let high: number | undefined
  let confirmed = 0
  /** The lowest rate that the generator did not hold. */
  let generatorLimit: number | undefined
  let rate = Math.min(options.startPerSecond, maxPerSecond)
  const end = (limitedBy: SearchResult<Result>['limitedBy']): SearchResult<Result> => ({
    capacityPerSecond: confirmed > 0 ? low : borneOutBefore(trials, options.confirmations),
    trials,
    limitedBy,
  })
  while (trials.length < trialsMax) {
    const result = await believedTrial(rate, options, trials)
    if (signal.aborted) return end('interrupted')
    if (result === undefined) return end('target')
    if (result.met) {
      confirmed = low === rate ? confirmed + 1 : 0
      low = rate
      if (confirmed >= options.confirmations) {
        if (high !== undefined && high === generatorLimit) return end('generator')
        return end(low >= maxPerSecond ? 'maximum' : undefined)
      }
    } else {
      if (!result.valid) generatorLimit = rate
      high = rate
      if (low === rate) low = highestMetBelow(trials, rate)
      confirmed = 0
    }
    const next = nextRate({ low, high, maxPerSecond, precision })
    if (next === undefined) return end(high === generatorLimit ? 'generator' : undefined)
    rate = next
  }
  return end('trials')
}

const lowestRate = 1

function nextRate(bounds: {
  low: number | undefined
  high: number | undefined
  maxPerSecond: number
  precision: number
}): number | undefined {
  const { low, high, maxPerSecond, precision } = bounds
  if (low === undefined)
    return high === undefined || high <= lowestRate ? undefined : Math.max(lowestRate, Math.floor(high / 4))
  if (low >= maxPerSecond) return low
  if (high === undefined) return Math.min(maxPerSecond, low * 2)
  return high / low <= 1 + precision ? low : Math.round(Math.sqrt(low * high))
}

/** A miss holds when it comes twice in a row. */
async function believedTrial<Result extends Trial>(
  ...given: Parameters<typeof validTrial<Result>>
): Promise<Result | undefined> {
  const result = await validTrial(...given)
  return result === undefined || result.met || !result.valid ? result : validTrial(...given)
}

/** A generator that was late once may have been disturbed; one that is late every time has met its limit. */
async function validTrial<Result extends Trial>(
  rate: number,
  options: Pick<SearchOptions<Result>, 'trial' | 'signal'>,
  trials: Result[],
): Promise<Result | undefined> {
  let result: Result | undefined
  for (let attempt = 0; attempt < attemptsMax && !options.signal.aborted; attempt++) {
    result = await options.trial(rate)
    if (options.signal.aborted || result === undefined) return undefined
    trials.push(result)
    if (result.valid) break
  }
  return result
}

const attemptsMax = 3

function highestMetBelow(trials: readonly Trial[], limit: number): number | undefined {
  return lastVerdicts(trials).find(({ ratePerSecond, met }) => met && ratePerSecond < limit)?.ratePerSecond
}

/** What carries a rate carries less: each that was met at or above another bears it out, as a confirmation would. */
function borneOutBefore(trials: readonly Trial[], confirmations: number): number | undefined {
  const met = trials.filter((trial) => trial.valid && trial.met)
  const verdicts = lastVerdicts(trials)
  const belowAllMissed = verdicts.slice(verdicts.findLastIndex((verdict) => !verdict.met) + 1)
  return belowAllMissed.find(
    ({ ratePerSecond }) => met.filter((trial) => trial.ratePerSecond >= ratePerSecond).length > confirmations,
  )?.ratePerSecond
}

/** From the highest rate down: one that was missed last is out, even where it was met before. */
function lastVerdicts(trials: readonly Trial[]): Trial[] {
  const last = new Map(trials.filter(({ valid }) => valid).map((trial) => [trial.ratePerSecond, trial]))
  return [...last.values()].sort((left, right) => right.ratePerSecond - left.ratePerSecond)
}
