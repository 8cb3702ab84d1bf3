import { isDriven } from './driven-phase.ts'
import { totalsOf } from './phase-totals.ts'
import type { Calibration, Report } from './report.ts'

/** What was measured of a phase, latencies in nanoseconds. */
export type Reached = { readonly p50Ns: number; readonly p99Ns: number; readonly achievedPerSecond: number }

/** Which of its figures are within half again of what the harness takes by itself, or close to the rate that it can. */
export function nearFloor({ p50Ns, p99Ns, achievedPerSecond }: Reached, calibration: Calibration): string[] {
  const { floorP50Ns, floorP99Ns, echoPerSecond = Number.POSITIVE_INFINITY } = calibration
  const isNear = (reachedNs: number, floorNs: number): boolean =>
    reachedNs > 0 && reachedNs < floorNs * nearFloorFactor
  return [
    ...(isNear(p50Ns, floorP50Ns) ? ['p50'] : []),
    ...(isNear(p99Ns, floorP99Ns) ? ['p99'] : []),
    ...(achievedPerSecond > echoPerSecond * nearRateShare ? ['rate'] : []),
  ]
}

const nearFloorFactor = 1.5
const nearRateShare = 0.8

/** The phases that are too near the generator's own floor to say much of the target, each with what is near. */
export function phasesNearFloor({ calibration, phases }: Pick<Report, 'calibration' | 'phases'>): string[] {
  if (calibration === undefined) return []
  return phases.flatMap((phase) => {
    if (!isDriven(phase)) return []
    const { latency } = totalsOf(phase)
    const [p50Ns, p99Ns] = [latency.percentileNs(0.5), latency.percentileNs(0.99)]
    const near = nearFloor({ p50Ns, p99Ns, achievedPerSecond: phase.achievedPerSecond }, calibration)
    return near.length === 0 ? [] : [`${phase.name}: ${near.join(' and ')}`]
  })
}
