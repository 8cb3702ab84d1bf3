import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { settledInTime } from '../report/driven-phase.ts'
import type { DrivenPhase } from '../report/report.ts'
import type { Objective, ObjectiveMetric } from './parse-objectives.ts'

/** What a phase reached where an objective set a bound. */
export type ObjectiveResult = { readonly objective: Objective; readonly value: number; readonly met: boolean }

/** Holds a phase against its objectives; an operation that never ran meets none. */
export function judgeObjectives(phase: DrivenPhase, objectives: readonly Objective[]): ObjectiveResult[] {
  return objectives.map((objective) => {
    const value = measuredValue(phase, objective)
    const { comparison, bound } = objective
    return { objective, value, met: comparison === '<' ? value < bound : value > bound }
  })
}

/** What an unmet objective says in a report. */
export function describeUnmet({ objective, value }: ObjectiveResult): string {
  return `the objective ${objective.text} was not met: ${shown(objective.metric, value)}`
}

function measuredValue(phase: DrivenPhase, { metric, operation }: Objective): number {
  const own = phase.operations.filter((entry) => operation === undefined || entry.operation === operation)
  switch (metric) {
    case 'errors':
      return shareOfDue(own, ({ outcome }) => outcome !== 'ok')
    case 'dropped':
      return phase.due === 0 ? 1 : phase.dropped / phase.due
    case 'throughput':
      return (
        settledInTime(own.filter(({ outcome }) => outcome === 'ok')) / Math.max(phase.durationSeconds, 1e-9)
      )
    default:
      return latencyNs(own, metric)
  }
}

type Entries = DrivenPhase['operations']

/** Unanswered and failed requests count with their time: leaving them out would make a broken target look fast. */
function latencyNs(
  entries: Entries,
  metric: Exclude<ObjectiveMetric, 'errors' | 'dropped' | 'throughput'>,
): number {
  const merged = new LatencyHistogram()
  for (const { latency } of entries) merged.merge(LatencyHistogram.fromHistogram(latency))
  if (merged.count === 0) return Number.POSITIVE_INFINITY
  if (metric === 'mean') return merged.toHistogram().meanNs
  return metric === 'max' ? merged.maxNs : merged.percentileNs(Number(metric.slice(1)) / 100)
}

function shareOfDue(entries: Entries, failed: (entry: Entries[number]) => boolean): number {
  const total = sum(entries)
  return total === 0 ? 1 : sum(entries.filter(failed)) / total
}

function sum(entries: Entries): number {
  return entries.reduce((total, { count }) => total + count, 0)
}

function shown(metric: ObjectiveMetric, value: number): string {
  if (metric === 'throughput') return `${Math.round(value)} operations/s`
  if (metric === 'errors' || metric === 'dropped') return `${(value * 100).toPrecision(3)} %`
  return Number.isFinite(value) ? `${(value / 1e6).toPrecision(3)} ms` : 'nothing was measured'
}
