import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import { runFlags } from '../commands/run-options.ts'
import { isDriven } from '../report/driven-phase.ts'
import type { CeilingPhase, Environment, Phase, Report, TimelinePoint } from '../report/report.ts'
import { median, resamplesDefault } from './evaluate.ts'
import type { MetricResult } from './gate-result.ts'
import { type Centre, mean, unpairedRatioInterval } from './interval.ts'
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
  for (const name of workloadFields(baseline, candidate)) {
    demand(`config.${name}`, configured(baseline, name), configured(candidate, name))
  }
  demand('seed', baseline.seed, candidate.seed)
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

/** What may differ: where things are, how a run was judged, its seed (told by itself), and the node, which is what is compared. */
const freeFields: ReadonlySet<string> = new Set([
  ...['target', 'out', 'data', 'keepData', 'secretFile', 'insecure', 'skipCalibration', 'objective', 'seed'],
  ...['registrationBase', 'registrationBases', 'cacheBytes', 'nodeWorkers', 'durability'],
])

function workloadFields(baseline: Report, candidate: Report): string[] {
  const names = new Set([...Object.keys(baseline.config), ...Object.keys(candidate.config)])
  return [...names].filter((name) => !freeFields.has(name))
}

/** A field of the configuration; a report older than a flag was made as the flag's default says. */
function configured({ config }: Report, name: string): unknown {
  return config[name] ?? standard[name]
}

const standard: Readonly<Record<string, unknown>> = runFlags.parse({})

/** How two machines differ, in sentences; empty for the same. */
export function otherMachine(baseline: Environment, candidate: Environment): string[] {
  return (['cpuModel', 'logicalCores', 'memoryBytes'] as const).flatMap((name) =>
    difference(`environment.${name}`, baseline[name], candidate[name]),
  )
}

function difference(name: string, left: unknown, right: unknown): string[] {
  const [shownLeft, shownRight] = [left, right].map((value) => JSON.stringify(value) ?? 'nothing')
  return shownLeft === shownRight
    ? []
    : [`${name} differs: ${shownLeft} in the baseline, ${shownRight} in the candidate`]
}

/**
 * Compares two runs phase by phase over their seconds. Seconds of one run are not independent of each other and two runs
 * are two moments of the machine: an interval of this kind is narrower than the truth, which is why gates pair. A ceiling
 * is one figure a run, which is shown and decides nothing.
 */
export function compareReports(baseline: Report, candidate: Report, options: CompareOptions): MetricResult[] {
  const pairs = pairsOfPhases(baseline, candidate)
  const comparisons = pairs.flatMap(comparableOf).length
  // All intervals together keep the confidence (Bonferroni), as those of pairs do.
  const confidence = 1 - (1 - options.confidence) / Math.max(1, comparisons)
  return pairs.flatMap(([left, right], position) => {
    const prng = createPrng(deriveSeed(options.seed, position))
    if (left.kind === 'ceiling') return [compareCeilings(left, right as CeilingPhase, options)]
    return comparableOf([left, right]).map(({ metric, sides }): MetricResult => {
      const centre = centreOf(metric)
      const interval = unpairedRatioInterval(sides, {
        ...{ confidence, resamples: resamplesDefault, prng, centre },
      })
      const centreOfSide = centre === 'mean' ? mean : median
      return {
        metric,
        phase: left.name,
        baseline: centreOfSide(sides.baseline),
        candidate: centreOfSide(sides.candidate),
        interval,
        verdict: judgeInterval(interval, { better: metrics[metric].better, threshold: options.threshold }),
        gating: true,
      }
    })
  })
}

/** What the seconds of two phases can be compared by. */
function comparableOf([left, right]: readonly [Phase, Phase]) {
  return metricsOfSeconds[left.kind]
    .map((metric) => ({
      metric,
      sides: { baseline: samplesOf(left, metric), candidate: samplesOf(right, metric) },
    }))
    .filter(({ sides }) => isComparable(sides))
}

function compareCeilings(
  { name, requestsPerSecond: baseline }: CeilingPhase,
  { requestsPerSecond: candidate }: CeilingPhase,
  { confidence }: CompareOptions,
): MetricResult {
  const ratio = baseline === 0 ? 1 : candidate / baseline
  return {
    ...{ metric: 'throughput', phase: name, baseline, candidate },
    interval: { ratio, low: ratio, high: ratio, confidence, pairs: 1 },
    verdict: 'inconclusive',
    gating: false,
  }
}

/** The metrics that the driven phases of both reports should give. */
export function metricsInCommon(baseline: Report, candidate: Report): MetricName[] {
  const driven = pairsOfPhases(baseline, candidate).filter(([left]) => isDriven(left))
  return [...new Set(driven.flatMap(([left]) => metricsOfSeconds[left.kind]))]
}

/** Metrics that the seconds of a phase give, by its kind. A closed loop asks what it is answered, an open one what is due. */
export const metricsOfSeconds = {
  load: ['registered'],
  'open-loop': ['served', 'p50', 'p99'],
  'closed-loop': ['throughput', 'p50', 'p99'],
  ceiling: [],
} as const satisfies Record<Phase['kind'], readonly MetricName[]>
type SecondsMetric = (typeof metricsOfSeconds)[keyof typeof metricsOfSeconds][number]

/** The figure of one second; undefined where it has none. */
const figureOf: Readonly<Record<SecondsMetric, (point: TimelinePoint) => number | undefined>> = {
  registered: ({ completed }) => completed,
  throughput: ({ completed }) => completed,
  served: ({ completed, offered }) => (offered === 0 ? undefined : (100 * completed) / offered),
  p50: ({ p50Ns }) => (p50Ns === 0 ? undefined : p50Ns / 1e3),
  p99: ({ p99Ns }) => (p99Ns === 0 ? undefined : p99Ns / 1e3),
}

/** Of what is counted a second without any is part of the mean; the median of latencies shrugs off the odd second. */
function centreOf(metric: SecondsMetric): Centre {
  return metric === 'p50' || metric === 'p99' ? 'median' : 'mean'
}

/** One number for each whole second in which was asked; the first and the last are not, and what follows waits for lost answers. */
function samplesOf(phase: Phase, metric: SecondsMetric): number[] {
  if (phase.kind === 'ceiling') return []
  const last = phase.timeline.length - 1
  return phase.timeline
    .slice(1, isDriven(phase) ? Math.min(last, Math.floor(phase.durationSeconds)) : last)
    .map(figureOf[metric])
    .filter((figure) => figure !== undefined)
}

/** Enough seconds on both sides, and a baseline that most of them have something of: the ratio is to it. */
function isComparable({
  baseline,
  candidate,
}: Readonly<Record<'baseline' | 'candidate', number[]>>): boolean {
  const filled = baseline.filter((figure) => figure > 0).length
  return Math.min(baseline.length, candidate.length) >= secondsMin && 2 * filled > baseline.length
}

function pairsOfPhases(baseline: Report, candidate: Report): [Phase, Phase][] {
  return baseline.phases.flatMap((left): [Phase, Phase][] => {
    const right = candidate.phases.find(({ name, kind }) => name === left.name && kind === left.kind)
    return right === undefined ? [] : [[left, right]]
  })
}
