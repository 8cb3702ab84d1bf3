import { LatencyHistogram } from '../measure/latency-histogram.ts'
import type { DrivenPhase } from './report.ts'

/** An open-loop phase over all its operations and outcomes. */
export type PhaseTotals = {
  readonly latency: LatencyHistogram
  readonly serviceTime: LatencyHistogram
  readonly wrong: number
  /** Everything sent that was not answered as it should be, wrong answers included. */
  readonly failed: number
}

/** Adds up the operations of a phase; the histograms are merged, not averaged. */
export function totalsOf(phase: DrivenPhase): PhaseTotals {
  const latency = new LatencyHistogram()
  const serviceTime = new LatencyHistogram()
  let wrong = 0
  let failed = 0
  for (const measurement of phase.operations) {
    latency.merge(LatencyHistogram.fromHistogram(measurement.latency))
    serviceTime.merge(LatencyHistogram.fromHistogram(measurement.serviceTime))
    if (measurement.outcome === 'wrong') wrong += measurement.count
    if (measurement.outcome !== 'ok') failed += measurement.count
  }
  return { latency, serviceTime, wrong, failed }
}
