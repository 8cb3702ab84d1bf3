import { assert } from '../../src/support/assert.ts'
import type { Prng } from '../../src/support/prng.ts'

/** A ratio of candidate to baseline with its confidence interval. */
export type RatioInterval = {
  readonly ratio: number
  readonly low: number
  readonly high: number
  /** The share of such intervals that hold the true ratio, about. */
  readonly confidence: number
  readonly pairs: number
}

/** One repetition: both sides measured right after each other, so that what the machine did to one it did to both. */
export type Pair = { readonly baseline: number; readonly candidate: number }

const trimmedShare = 0.2

export type IntervalOptions = { readonly confidence: number; readonly resamples: number; readonly prng: Prng }

/**
 * The ratio of candidate to baseline from paired repetitions: the trimmed mean of the pairs' log ratios, with a percentile
 * bootstrap over the pairs (Efron & Tibshirani 1993, chapter 13; Wilcox 2012, chapter 4, for the trimmed mean). Resampling
 * pairs keeps what both sides of one shared; trimming shrugs off the pair that a neighbour on the machine disturbed, and
 * uses the others better than a median does.
 */
export function ratioInterval(pairs: readonly Pair[], options: IntervalOptions): RatioInterval {
  assert(pairs.length > 0, 'an interval is made of at least one pair')
  const logs = pairs.map(({ baseline, candidate }) => {
    assert(baseline > 0 && candidate > 0, 'a ratio is made of positive measurements')
    return Math.log(candidate / baseline)
  })
  const { prng } = options
  const drawn = new Float64Array(logs.length)
  const centres = new Float64Array(options.resamples)
  for (let resample = 0; resample < options.resamples; resample++) {
    for (let position = 0; position < drawn.length; position++) {
      drawn[position] = logs[prng.nextBelow(logs.length)] ?? 0
    }
    centres[resample] = trimmedMean(drawn.sort())
  }
  centres.sort()
  const tail = (1 - options.confidence) / 2
  return {
    ratio: Math.exp(trimmedMean(Float64Array.from(logs).sort())),
    low: Math.exp(centres[Math.floor(tail * (centres.length - 1))] ?? 0),
    high: Math.exp(centres[Math.ceil((1 - tail) * (centres.length - 1))] ?? 0),
    confidence: options.confidence,
    pairs: pairs.length,
  }
}

/** What stands for a side: the median shrugs off the odd measurement, the mean counts every one. */
export type Centre = 'median' | 'mean'

/**
 * The same from two sets of repetitions that do not belong together pairwise: each side is resampled by itself. Medians are
 * of positive measurements; means may hold zeros, of which a baseline has few.
 */
export function unpairedRatioInterval(
  sides: { readonly baseline: readonly number[]; readonly candidate: readonly number[] },
  options: IntervalOptions & { readonly centre: Centre },
): RatioInterval {
  const centre = centres[options.centre]
  const baseline = sorted(sides.baseline, options)
  const candidate = sorted(sides.candidate, options)
  const ratios = new Float64Array(options.resamples)
  for (let resample = 0; resample < options.resamples; resample++) {
    ratios[resample] = centre(resampled(candidate, options.prng)) / centre(resampled(baseline, options.prng))
  }
  ratios.sort()
  const tail = (1 - options.confidence) / 2
  return {
    ratio: centre(candidate) / centre(baseline),
    low: ratios[Math.floor(tail * (ratios.length - 1))] ?? 0,
    high: ratios[Math.ceil((1 - tail) * (ratios.length - 1))] ?? 0,
    confidence: options.confidence,
    pairs: Math.min(baseline.length, candidate.length),
  }
}

function sorted(samples: readonly number[], { centre }: { readonly centre: Centre }): Float64Array {
  assert(samples.length > 0, 'a side has at least one measurement')
  assert(
    samples.every((sample) => sample > 0 || (sample === 0 && centre === 'mean')),
    'a ratio is made of positive measurements',
  )
  return Float64Array.from(samples).sort()
}

function resampled(samples: Float64Array, prng: Prng): Float64Array {
  return samples.map(() => samples[prng.nextBelow(samples.length)] ?? 0).sort()
}

/** The mean of what is left without the fifth of the samples that is least and the fifth that is greatest. */
function trimmedMean(sorted: Float64Array): number {
  const cut = Math.floor(sorted.length * trimmedShare)
  let sum = 0
  for (let position = cut; position < sorted.length - cut; position++) sum += sorted[position] ?? 0
  return sum / (sorted.length - 2 * cut)
}

function sortedMedian(sorted: Float64Array): number {
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

/** The mean of at least one sample. */
export function mean(samples: readonly number[] | Float64Array): number {
  let sum = 0
  for (const sample of samples) sum += sample
  return sum / samples.length
}

const centres = { median: sortedMedian, mean } as const satisfies Record<Centre, unknown>
