import { assert } from '../../../src/support/assert.ts'
import type { ArrivalSchedule } from './arrival-schedule.ts'
import type { ScheduleOptions } from './index.ts'

/**
 * Evenly spaced arrivals. Each due time is made from its index, never from the one before, so rounding cannot drift;
 * worker `w` of `n` takes every n-th arrival, so that all workers together are one evenly spaced stream.
 */
export function createConstantSchedule(options: ScheduleOptions): ArrivalSchedule {
  const { ratePerSecond, durationSeconds, worker, workers } = options
  assert(ratePerSecond > 0, 'an arrival rate is above zero')
  assert(worker < workers, 'a worker is one of its workers')
  const arrivals = Math.ceil(ratePerSecond * durationSeconds)
  let index = worker
  return {
    nextDueNs() {
      if (index >= arrivals) return undefined
      const dueNs = (index / ratePerSecond) * 1e9
      index += workers
      return dueNs
    },
  }
}
