import { UsageError } from '../cli/flags.ts'
import { secondsMin } from './compare-reports.ts'
import type { GateResult } from './gate-result.ts'
import { overall } from './judge.ts'
import { type MetricName, metrics } from './metric.ts'

export type ToSumUp = Pick<GateResult, 'design' | 'results'> & {
  /** Metrics whose verdict counts. */
  readonly gating: readonly MetricName[]
  /** Why nothing of it counts, in sentences. */
  readonly faults: readonly string[]
}

/** A fault voids all; what should count and was not measured leaves open what would have passed. */
export function sumUp(gate: ToSumUp): Pick<GateResult, 'verdict' | 'reasons' | 'notMeasured'> {
  const { design, gating, results, faults } = gate
  if (faults.length > 0) return { verdict: 'invalid', reasons: faults }
  const missing = gating.filter((name) => !results.some(({ metric }) => metric === name))
  const notMeasured = missing.map((metric) => ({
    metric,
    reason: `${metric} ${whyMissing[design]} (${metrics[metric].meaning})`,
  }))
  const verdict = overall(results.filter((result) => result.gating).map((result) => result.verdict))
  return {
    verdict: missing.length > 0 && verdict === 'passed' ? 'inconclusive' : verdict,
    reasons: notMeasured.map(({ reason }) => reason),
    ...(missing.length === 0 ? {} : { notMeasured }),
  }
}

const whyMissing = {
  paired: 'could not be measured',
  unpaired: `was not measured in ${secondsMin} whole seconds of both sides`,
} as const satisfies Record<GateResult['design'], string>

/** Rather than to spend minutes on a metric that cannot come of them. @throws UsageError */
export function refuseUnmeasured(
  asked: readonly MetricName[] | undefined,
  { given, by }: { readonly given: readonly MetricName[]; readonly by: string },
): void {
  if (asked === undefined || asked.every((name) => given.includes(name))) return
  throw new UsageError([
    `--metrics is "${asked.join(',')}"; expected some of ${given.join(', ')}, which ${by} gives`,
  ])
}
