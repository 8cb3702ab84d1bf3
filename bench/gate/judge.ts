import type { RatioInterval } from './interval.ts'
import type { Metric } from './metric.ts'

/** What is said of a metric. */
export type MetricVerdict = 'improved' | 'regressed' | 'unchanged' | 'inconclusive'

/**
 * Judges an interval against the smallest change that matters: a change counts when the whole interval lies beyond the
 * threshold, its absence when the whole interval lies within; everything between is inconclusive.
 */
export function judgeInterval(
  interval: RatioInterval,
  options: { readonly better: Metric['better']; readonly threshold: number },
): MetricVerdict {
  const { better, threshold } = options
  // As growth of cost: a throughput that falls to 1/x of itself costs x times as much.
  const [low, high] =
    better === 'lower' ? [interval.low, interval.high] : [1 / interval.high, 1 / interval.low]
  if (low > 1 + threshold) return 'regressed'
  if (high < 1 / (1 + threshold)) return 'improved'
  if (low >= 1 / (1 + threshold) && high <= 1 + threshold) return 'unchanged'
  return 'inconclusive'
}

/** The verdict over all metrics: one regression fails, else one doubt leaves it open. */
export function overall(verdicts: readonly MetricVerdict[]): 'passed' | 'regressed' | 'inconclusive' {
  if (verdicts.includes('regressed')) return 'regressed'
  return verdicts.length === 0 || verdicts.includes('inconclusive') ? 'inconclusive' : 'passed'
}
