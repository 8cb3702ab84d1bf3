import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { settledInTime } from '../report/driven-phase.ts'
import type { DrivenPhase } from '../report/report.ts'
import type { Objective, ObjectiveMetric } from './parse-objectives.ts'

/** What a phase reached where an objective set a bound. */
export type ObjectiveResult = { readonly objective: Objective; readonly value: number; readonly met: boolean }

/**
 * Holds a phase against its objectives; an operation that never ran meets none. What was due and dropped counts as failed,
 * and as answered infinitely late: a target cannot meet an objective by taking fewer requests.
 */
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
  const dropped = droppedOf(phase, operation)
  switch (metric) {
    case 'errors': {
      const failed = sum(own.filter(({ outcome }) => outcome !== 'ok')) + dropped
      const due = sum(own) + dropped
      return due === 0 ? 1 : failed / due
    }
    case 'dropped':
      return phase.due === 0 ? 1 : phase.dropped / phase.due
    case 'throughput':
      return (
        settledInTime(own.filter(({ outcome }) => outcome === 'ok')) / Math.max(phase.durationSeconds, 1e-9)
      )
    default:
      return latencyNs(own, metric, dropped)
  }
}

function droppedOf({ dropped, droppedOperations = [] }: DrivenPhase, operation: string | undefined): number {
  if (operation === undefined) return dropped
  return sum(droppedOperations.filter((entry) => entry.operation === operation))
}

type Entries = DrivenPhase['operations']

/** Unanswered and failed requests count with their time, dropped ones as endless: leaving them out would make a broken target look fast. */
function latencyNs(
  entries: Entries,
  metric: Exclude<ObjectiveMetric, 'errors' | 'dropped' | 'throughput'>,
  dropped: number,
): number {
  const merged = new LatencyHistogram()
  for (const { latency } of entries) merged.merge(LatencyHistogram.fromHistogram(latency))
  if (merged.count === 0) return Number.POSITIVE_INFINITY
  if (metric === 'mean') return dropped > 0 ? Number.POSITIVE_INFINITY : merged.toHistogram().meanNs
  const share = metric === 'max' ? 1 : Number(metric.slice(1)) / 100
  // The dropped lie above all that were answered.
  const shareOfAnswered = (share * (merged.count + dropped)) / merged.count
  if (shareOfAnswered > 1) return Number.POSITIVE_INFINITY
  return metric === 'max' ? merged.maxNs : merged.percentileNs(shareOfAnswered)
}

function sum(entries: readonly { readonly count: number }[]): number {
  return entries.reduce((total, { count }) => total + count, 0)
}

function shown(metric: ObjectiveMetric, value: number): string {
  if (metric === 'throughput') return `${Math.round(value)} operations/s`
  if (metric === 'errors' || metric === 'dropped') return `${(value * 100).toPrecision(3)} %`
  return Number.isFinite(value) ? `${(value / 1e6).toPrecision(3)} ms` : 'too few were answered'
}
