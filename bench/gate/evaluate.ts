import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import type { MetricResult } from './gate-result.ts'
import { type Pair, ratioInterval } from './interval.ts'
import { judgeInterval } from './judge.ts'
import { type Measurement, type MetricName, metricNames, metrics } from './metric.ts'

export type Repetition = { readonly baseline: Measurement; readonly candidate: Measurement }

export type EvaluateOptions = {
  readonly gating: readonly MetricName[]
  readonly threshold: number
  readonly confidence: number
  readonly seed: number
}

export const resamplesDefault = 4000

/** Fewer pairs decide nothing: their bootstrap knows too few medians. */
export const pairsMin = 5

/** Every metric that both sides have in at least one repetition, judged. */
export function evaluate(repetitions: readonly Repetition[], options: EvaluateOptions): MetricResult[] {
  return metricNames.flatMap((metric, position): MetricResult[] => {
    const pairs = pairsOf(repetitions, metric)
    if (pairs.length === 0) return []
    const prng = createPrng(deriveSeed(options.seed, position))
    const interval = ratioInterval(pairs, {
      confidence: confidenceOfEach(options),
      resamples: resamplesDefault,
      prng,
    })
    const { better } = metrics[metric]
    return [
      {
        metric,
        baseline: median(pairs.map((pair) => pair.baseline)),
        candidate: median(pairs.map((pair) => pair.candidate)),
        interval,
        verdict:
          pairs.length < pairsMin
            ? 'inconclusive'
            : judgeInterval(interval, { better, threshold: options.threshold }),
        gating: options.gating.includes(metric),
      },
    ]
  })
}

/**
 * The confidence of one metric's interval, so that all intervals that gate hold their truth together with the confidence
 * asked for (Bonferroni): four metrics that may each be wrong at 5 % make a gate that is wrong at up to 20 %.
 */
function confidenceOfEach({ confidence, gating }: EvaluateOptions): number {
  return 1 - (1 - confidence) / Math.max(1, gating.length)
}

/** Whether the gate may stop: a regression of one gating metric decides it, else each of them must be decided. */
export function isDecided(results: readonly MetricResult[]): boolean {
  const verdicts = results.filter(({ gating }) => gating).map(({ verdict }) => verdict)
  return verdicts.includes('regressed') || !verdicts.includes('inconclusive')
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((left, right) => left - right)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? 0
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2
}

function pairsOf(repetitions: readonly Repetition[], metric: MetricName): Pair[] {
  return repetitions.flatMap(({ baseline, candidate }): Pair[] => {
    const [left, right] = [baseline[metric], candidate[metric]]
    return left !== undefined && right !== undefined && left > 0 && right > 0
      ? [{ baseline: left, candidate: right }]
      : []
  })
}
