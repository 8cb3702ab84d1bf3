import type { CapacityResult } from '../../capacity/capacity-result.ts'
import { isDriven } from '../driven-phase.ts'
import { totalsOf } from '../phase-totals.ts'
import type { DrivenPhase, Phase, Report } from '../report.ts'

/** How a number of a chart is shown. */
export type ChartUnit = 'perSecond' | 'cores' | 'bytes' | 'ns' | 'share' | 'second' | 'percentile'

/** What happened from one x to another, drawn as a band behind the lines. */
export type ChartMark = {
  readonly from: number
  readonly until: number
  readonly label: string
  readonly tone: 'fault' | 'phase' | 'point'
}

/** Lines over a common x, ready to draw. */
export type LineChart = {
  readonly title: string
  readonly x: readonly number[]
  readonly xLabel: string
  readonly xUnit: ChartUnit
  readonly yUnit: ChartUnit
  readonly logarithmic: boolean
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[]
  readonly marks: readonly ChartMark[]
}

/** The whole run on one axis of time: what was offered and completed, with a band for each phase and each fault. */
export function overviewChart({ phases, startedAt }: Report): LineChart | undefined {
  const timed = phases.filter((phase) => phase.kind !== 'ceiling' && phase.timeline.length > 0)
  if (timed.length === 0) return undefined
  const beginMs = Date.parse(startedAt)
  const startOf = ({ startedAt: at }: Phase): number => Math.max(0, (Date.parse(at) - beginMs) / 1000)
  const rows = timed
    .flatMap((phase) => {
      if (phase.kind === 'ceiling') return []
      const start = startOf(phase)
      const points = phase.timeline.map(({ atSeconds, offered, completed, failed }) => ({
        at: start + atSeconds,
        values: [offered, completed, failed] as readonly (number | null)[],
      }))
      // A row of nothing keeps the lines of two phases apart.
      return [...points, { at: start + phase.timeline.length, values: [null, null, null] }]
    })
    .toSorted((left, right) => left.at - right.at)
  const column = (index: number) => rows.map(({ values }) => values[index] ?? null)
  return {
    title: 'The whole run, per second',
    x: rows.map(({ at }) => at),
    xLabel: 'second',
    xUnit: 'second',
    yUnit: 'perSecond',
    logarithmic: false,
    series: [
      { label: 'offered', values: column(0) },
      { label: 'completed', values: column(1) },
      { label: 'failed', values: column(2) },
    ],
    marks: phases.flatMap((phase): ChartMark[] => {
      const start = startOf(phase)
      const band = {
        from: start,
        until: start + phase.durationSeconds,
        label: phase.name,
        tone: 'phase',
      } as const
      const faults = isDriven(phase) ? marksOf(phase) : []
      return [
        band,
        ...faults.map((mark) => ({ ...mark, from: mark.from + start, until: mark.until + start })),
      ]
    }),
  }
}

/** Where faults begin and end, in seconds of the phase. */
export function marksOf({ faults = [] }: DrivenPhase): ChartMark[] {
  return faults.map(({ kind, fromSeconds, untilSeconds }) => ({
    from: fromSeconds,
    until: untilSeconds,
    label: kind,
    tone: 'fault',
  }))
}

/** Machine, generator and node over the seconds of a phase, as far as they could be read. */
export function hostCharts(phase: Phase): LineChart[] {
  if (!isDriven(phase) || phase.host === undefined) return []
  const { host } = phase
  const common = {
    x: host.map(({ atSeconds }) => atSeconds),
    xLabel: 'second',
    xUnit: 'second',
    logarithmic: false,
    marks: marksOf(phase),
  } as const
  const charts: LineChart[] = [
    {
      ...common,
      title: 'Cores busy',
      yUnit: 'cores',
      series: [
        { label: 'machine', values: host.map(({ machineCores }) => machineCores ?? null) },
        { label: 'node', values: host.map(({ nodeCores }) => nodeCores ?? null) },
      ],
    },
    {
      ...common,
      title: 'Longest turn of the generator’s event loop',
      yUnit: 'ns',
      series: [{ label: 'event loop', values: host.map(({ generatorLoopDelayNs }) => generatorLoopDelayNs) }],
    },
    {
      ...common,
      title: 'Memory of the node',
      yUnit: 'bytes',
      series: [{ label: 'memory', values: host.map(({ nodeResidentBytes }) => nodeResidentBytes ?? null) }],
    },
    {
      ...common,
      title: 'Cache hit ratio',
      yUnit: 'share',
      series: [{ label: 'hit ratio', values: host.map(({ hitRatio }) => hitRatio ?? null) }],
    },
  ]
  return charts.filter(({ series }) => series.some(({ values }) => values.some((value) => value !== null)))
}

/** Latency against offered rate, the knee and the capacity marked. */
export function rateChart({ curve, kneePerSecond, capacityPerSecond }: CapacityResult): LineChart {
  const at = (label: string, rate: number | undefined): ChartMark[] =>
    rate === undefined ? [] : [{ from: rate, until: rate, label, tone: 'point' }]
  return {
    ...latencyOverRate(curve),
    marks: [...at('knee', kneePerSecond), ...at('capacity', capacityPerSecond)],
  }
}

/** The same from the open-loop phases of a run, where they differ in rate. */
export function phaseRateChart({ phases }: Report): LineChart | undefined {
  const points = phases
    .filter((phase) => isDriven(phase))
    .map((phase) => {
      const { latency } = totalsOf(phase)
      const at = (share: number): number => latency.percentileNs(share)
      return { offeredPerSecond: phase.offeredPerSecond, p50Ns: at(0.5), p99Ns: at(0.99), p999Ns: at(0.999) }
    })
    .toSorted((left, right) => left.offeredPerSecond - right.offeredPerSecond)
  const rates = new Set(points.map(({ offeredPerSecond }) => Math.round(offeredPerSecond)))
  return rates.size < 2 ? undefined : { ...latencyOverRate(points), marks: [] }
}

type RatePoint = {
  readonly offeredPerSecond: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly p999Ns: number
}

function latencyOverRate(points: readonly RatePoint[]): Omit<LineChart, 'marks'> {
  return {
    title: 'Latency against offered rate',
    x: points.map(({ offeredPerSecond }) => offeredPerSecond),
    xLabel: 'offered',
    xUnit: 'perSecond',
    yUnit: 'ns',
    logarithmic: true,
    series: [
      { label: 'p50', values: points.map(({ p50Ns }) => p50Ns) },
      { label: 'p99', values: points.map(({ p99Ns }) => p99Ns) },
      { label: 'p99.9', values: points.map(({ p999Ns }) => p999Ns) },
    ],
  }
}
