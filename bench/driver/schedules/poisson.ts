import { assert } from '../../../src/support/assert.ts'
import { createPrng, deriveSeed } from '../../../src/support/prng.ts'
import type { ArrivalSchedule } from './arrival-schedule.ts'
import type { ScheduleOptions } from './index.ts'

/**
 * Independent arrivals with exponential gaps, as from many unrelated askers. Each worker draws its own stream at its
 * share of the rate: independent Poisson streams add up to one whose rate is the sum.
 */
export function createPoissonSchedule(options: ScheduleOptions): ArrivalSchedule {
  const { ratePerSecond, durationSeconds, worker, workers, seed } = options
  assert(ratePerSecond > 0, 'an arrival rate is above zero')
  assert(worker < workers, 'a worker is one of its workers')
  const prng = createPrng(deriveSeed(seed, worker))
  const meanGapNs = (1e9 * workers) / ratePerSecond
  const endNs = durationSeconds * 1e9
  let dueNs = 0
  return {
    nextDueNs() {
      // 1 − u is in (0, 1], so the logarithm is finite.
      dueNs -= Math.log(1 - prng.nextDouble()) * meanGapNs
      return dueNs < endNs ? dueNs : undefined
    },
  }
}
