import { LatencyHistogram } from '../../measure/latency-histogram.ts'
import { isDriven } from '../driven-phase.ts'
import { totalsOf } from '../phase-totals.ts'
import type { DrivenPhase, Histogram, LoadPhase, Phase, TimelinePoint } from '../report.ts'
import { type HeatMap, heatMapOf } from './heat-map.ts'
import { type ChartMark, marksOf } from './line-charts.ts'

/** The points of a phase's charts, ready to draw, so that the page decodes no histogram. */
export type PhaseCharts = {
  readonly name: string
  readonly kind: Phase['kind']
  readonly curves: readonly PercentileCurve[]
  readonly timeline: TimelineColumns | undefined
  /** Faults, in seconds of the phase. */
  readonly marks: readonly ChartMark[]
  readonly heat: HeatMap | undefined
}

/** Durations over `rank` = 1 / (1 − share): 1, 10, 100 … are the 0th, 90th, 99th … percentile. */
export type PercentileCurve = {
  readonly label: string
  readonly rank: readonly number[]
  /** Absent where only service time was measured. */
  readonly latencyNs: readonly number[] | undefined
  readonly serviceTimeNs: readonly number[]
}

/** The timeline column by column; durations are absent in seconds without an answer. */
export type TimelineColumns = {
  readonly atSeconds: readonly number[]
  readonly offered: readonly number[]
  readonly completed: readonly number[]
  readonly failed: readonly number[]
  readonly p50Ns: readonly (number | null)[]
  readonly p99Ns: readonly (number | null)[]
  readonly maxNs: readonly (number | null)[]
}

/** Chart points of a phase; a ceiling has none, because its tool gives only a few percentiles. */
export function chartsOf(phase: Phase): PhaseCharts | undefined {
  switch (phase.kind) {
    case 'load': {
      const curve = curveOf('batches', undefined, histogramOf(phase.batchServiceTime))
      return chartsFrom(phase, [curve])
    }
    case 'open-loop':
    case 'closed-loop':
      return chartsFrom(phase, openLoopCurves(phase))
    case 'ceiling':
      return undefined
  }
}

const ticksPerHalving = 8
const timelinePointsMax = 1200

function openLoopCurves(phase: DrivenPhase): PercentileCurve[] {
  const totals = totalsOf(phase)
  return [
    curveOf('all answers', totals.latency, totals.serviceTime),
    ...phase.operations.map(({ operation, outcome, latency, serviceTime }) =>
      curveOf(`${operation}, ${outcome}`, histogramOf(latency), histogramOf(serviceTime)),
    ),
  ]
}

function chartsFrom(phase: LoadPhase | DrivenPhase, curves: readonly PercentileCurve[]): PhaseCharts {
  const timeline = phase.timeline.length === 0 ? undefined : columnsOf(thinned(phase.timeline))
  return {
    name: phase.name,
    kind: phase.kind,
    curves: curves.filter(({ rank }) => rank.length > 0),
    timeline,
    marks: isDriven(phase) ? marksOf(phase) : [],
    heat: heatMapOf(phase.timeline),
  }
}

function curveOf(
  label: string,
  latency: LatencyHistogram | undefined,
  serviceTime: LatencyHistogram,
): PercentileCurve {
  const points = serviceTime.percentileCurve(ticksPerHalving)
  return {
    label,
    rank: points.map(({ share }) => Number((1 / (1 - share)).toPrecision(6))),
    latencyNs: latency?.percentileCurve(ticksPerHalving).map(({ ns }) => ns),
    serviceTimeNs: points.map(({ ns }) => ns),
  }
}

function histogramOf(histogram: Histogram): LatencyHistogram {
  return LatencyHistogram.fromHistogram(histogram)
}

function columnsOf(timeline: readonly TimelinePoint[]): TimelineColumns {
  const duration = (pick: (point: TimelinePoint) => number) =>
    timeline.map((point) => (point.completed + point.failed === 0 ? null : pick(point)))
  return {
    atSeconds: timeline.map(({ atSeconds }) => atSeconds),
    offered: timeline.map(({ offered }) => offered),
    completed: timeline.map(({ completed }) => completed),
    failed: timeline.map(({ failed }) => failed),
    p50Ns: duration(({ p50Ns }) => p50Ns),
    p99Ns: duration(({ p99Ns }) => p99Ns),
    maxNs: duration(({ maxNs }) => maxNs),
  }
}

/** A run of hours keeps one point for several seconds: mean rates, and the worst of the durations. */
function thinned(timeline: readonly TimelinePoint[]): TimelinePoint[] {
  const secondsPerPoint = Math.ceil(timeline.length / timelinePointsMax)
  if (secondsPerPoint === 1) return [...timeline]
  const groups = Map.groupBy(timeline, (_, index) => Math.floor(index / secondsPerPoint))
  return [...groups.values()].map((group) => {
    const mean = (pick: (point: TimelinePoint) => number) =>
      Math.round(group.reduce((total, point) => total + pick(point), 0) / group.length)
    const worst = (pick: (point: TimelinePoint) => number) => Math.max(...group.map(pick))
    return {
      atSeconds: group[0]?.atSeconds ?? 0,
      offered: mean(({ offered }) => offered),
      completed: mean(({ completed }) => completed),
      failed: mean(({ failed }) => failed),
      p50Ns: worst(({ p50Ns }) => p50Ns),
      p99Ns: worst(({ p99Ns }) => p99Ns),
      maxNs: worst(({ maxNs }) => maxNs),
    }
  })
}
