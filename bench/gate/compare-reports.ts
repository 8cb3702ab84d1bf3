import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import type { DrivenPhase, Environment, Phase, Report, TimelinePoint } from '../report/report.ts'
import { median, resamplesDefault } from './evaluate.ts'
import type { MetricResult } from './gate-result.ts'
import { unpairedRatioInterval } from './interval.ts'
import { judgeInterval } from './judge.ts'
import { type MetricName, metrics } from './metric.ts'

/** Below this many seconds on a side an interval would be a guess. */
export const secondsMin = 5

export type CompareOptions = {
  readonly threshold: number
  readonly confidence: number
  readonly seed: number
  readonly acrossMachines: boolean
}

/** Why two reports cannot be compared, in sentences that name the field and both values; empty when they can. */
export function incomparable(baseline: Report, candidate: Report, options: CompareOptions): string[] {
  const reasons = options.acrossMachines ? [] : otherMachine(baseline.environment, candidate.environment)
  const demand = (name: string, left: unknown, right: unknown): void => {
    reasons.push(...difference(name, left, right))
  }
  for (const name of ['identifiers', 'preset', 'rate', 'connections', 'workers', 'schedule', 'traceRate']) {
    demand(`config.${name}`, baseline.config[name], candidate.config[name])
  }
  demand('target.durability', baseline.target.durability, candidate.target.durability)
  for (const [side, report] of [
    ['baseline', baseline],
    ['candidate', candidate],
  ] as const) {
    reasons.push(...report.verdict.reasons.map((reason) => `the ${side} did not pass: ${reason}`))
  }
  if (pairsOfPhases(baseline, candidate).length === 0) reasons.push('the reports have no phase in common')
  return reasons
}

/** How two machines differ, in sentences; empty for the same. */
export function otherMachine(baseline: Environment, candidate: Environment): string[] {
  return (['cpuModel', 'logicalCores', 'memoryBytes'] as const).flatMap((name) =>
    difference(`environment.${name}`, baseline[name], candidate[name]),
  )
}

function difference(name: string, left: unknown, right: unknown): string[] {
  const [shownLeft, shownRight] = [JSON.stringify(left), JSON.stringify(right)]
  return shownLeft === shownRight
    ? []
    : [`${name} differs: ${shownLeft} in the baseline, ${shownRight} in the candidate`]
}

/**
 * Compares two runs phase by phase over their seconds. Seconds of one run are not independent of each other and two runs
 * are two moments of the machine: an interval of this kind is narrower than the truth, which is why gates pair.
 */
export function compareReports(baseline: Report, candidate: Report, options: CompareOptions): MetricResult[] {
  return pairsOfPhases(baseline, candidate).flatMap(([left, right], position) => {
    const prng = createPrng(deriveSeed(options.seed, position))
    return seriesOf(left).flatMap(([metric, baselineSamples]): MetricResult[] => {
      const candidateSamples = seriesOf(right).find(([name]) => name === metric)?.[1] ?? []
      if (Math.min(baselineSamples.length, candidateSamples.length) < secondsMin) return []
      const interval = unpairedRatioInterval(
        { baseline: baselineSamples, candidate: candidateSamples },
        { confidence: options.confidence, resamples: resamplesDefault, prng },
      )
      return [
        {
          metric,
          phase: left.name,
          baseline: median(baselineSamples),
          candidate: median(candidateSamples),
          interval,
          verdict: judgeInterval(interval, { better: metrics[metric].better, threshold: options.threshold }),
          gating: true,
        },
      ]
    })
  })
}

function pairsOfPhases(baseline: Report, candidate: Report): [Phase, Phase][] {
  return baseline.phases.flatMap((left): [Phase, Phase][] => {
    const right = candidate.phases.find(({ name, kind }) => name === left.name && kind === left.kind)
    return right === undefined ? [] : [[left, right]]
  })
}

/** One number a second for each metric that the phase has in its timeline; the first and last second are not whole. */
function seriesOf(phase: Phase): [MetricName, number[]][] {
  switch (phase.kind) {
    case 'load':
      return [['registered', positive(whole(phase.timeline).map(({ completed }) => completed))]]
    case 'open-loop':
    case 'closed-loop':
      return latencySeries(phase)
    case 'ceiling':
      return []
  }
}

function latencySeries({ timeline }: DrivenPhase): [MetricName, number[]][] {
  const points = whole(timeline)
  return [
    ['p50', positive(points.map(({ p50Ns }) => p50Ns / 1e3))],
    ['p99', positive(points.map(({ p99Ns }) => p99Ns / 1e3))],
  ]
}

function whole(timeline: readonly TimelinePoint[]): readonly TimelinePoint[] {
  return timeline.slice(1, -1)
}

function positive(samples: readonly number[]): number[] {
  return samples.filter((sample) => sample > 0)
}
