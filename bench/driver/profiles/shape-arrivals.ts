import { assert } from '../../../src/support/assert.ts'
import type { ArrivalSchedule } from '../schedules/arrival-schedule.ts'
import type { RateProfile } from './profile.ts'

/** Seconds at the peak rate in which as much arrives as in the whole duration under the profile. */
export function peakSeconds(profile: RateProfile, durationSeconds: number): number {
  return segmentsOf(profile, durationSeconds).at(-1)?.massTo ?? 0
}

/**
 * Stretches a schedule of the peak rate over `peakSeconds` so that arrivals follow the profile. Time-rescaling keeps
 * what the schedule is: even arrivals stay even in expectation, Poisson arrivals become an inhomogeneous Poisson process
 * with exactly this rate (Daley & Vere-Jones 2003, section 7.4). Each due time is made from its own, so nothing drifts.
 */
export function shapeArrivals(
  schedule: ArrivalSchedule,
  profile: RateProfile,
  options: { readonly durationSeconds: number },
): ArrivalSchedule {
  const segments = segmentsOf(profile, options.durationSeconds)
  let current = 0
  return {
    nextDueNs() {
      const massNs = schedule.nextDueNs()
      if (massNs === undefined) return undefined
      const mass = massNs / 1e9
      while (current < segments.length - 1 && mass >= (segments[current]?.massTo ?? 0)) current++
      const segment = segments[current]
      assert(segment !== undefined, 'a profile has at least one segment')
      return Math.min(timeAt(segment, mass), segment.toSeconds) * 1e9
    },
  }
}

/** A stretch of time on which the rate changes evenly; mass counts seconds at the peak rate. */
type Segment = {
  readonly fromSeconds: number
  readonly toSeconds: number
  readonly factorFrom: number
  readonly factorTo: number
  readonly massFrom: number
  readonly massTo: number
}

function segmentsOf({ points }: RateProfile, durationSeconds: number): Segment[] {
  assert(Number.isFinite(durationSeconds), 'a profile has an end to be stretched to')
  const segments: Segment[] = []
  let massFrom = 0
  for (const [index, to] of points.entries()) {
    const from = points[index - 1]
    if (from === undefined || to.share === from.share) continue
    const seconds = (to.share - from.share) * durationSeconds
    const massTo = massFrom + (seconds * (from.factor + to.factor)) / 2
    segments.push({
      fromSeconds: from.share * durationSeconds,
      toSeconds: to.share * durationSeconds,
      factorFrom: from.factor,
      factorTo: to.factor,
      massFrom,
      massTo,
    })
    massFrom = massTo
  }
  return segments
}

/** When so much has arrived: the rate is linear within the segment, so the mass is quadratic in time. */
function timeAt(segment: Segment, mass: number): number {
  const { fromSeconds, toSeconds, factorFrom, factorTo, massFrom } = segment
  const slope = (factorTo - factorFrom) / (toSeconds - fromSeconds)
  const rest = mass - massFrom
  const root = Math.sqrt(Math.max(0, factorFrom * factorFrom + 2 * slope * rest))
  // This form of the root stays exact where the slope is nought.
  return fromSeconds + (2 * rest) / (factorFrom + root || 1)
}
