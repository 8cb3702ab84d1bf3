import { assert } from '../../../src/support/assert.ts'
import type { ArrivalSchedule } from './arrival-schedule.ts'

export type TraceTimesOptions = {
  /** When each request was made, in whole seconds. */
  readonly atSecondsOf: ArrayLike<number>
  /** Seconds of the trace in one second of the replay. */
  readonly speed: number
  readonly worker: number
  readonly workers: number
}

/**
 * Arrivals at the times that a trace recorded, scaled. Traces tell whole seconds: the requests of one second are spread
 * evenly over it, which is the least that can be assumed of them. Worker w takes the requests w, w + workers, ….
 */
export function createTraceTimesSchedule(options: TraceTimesOptions): ArrivalSchedule {
  const { atSecondsOf, speed, worker, workers } = options
  assert(speed > 0, 'a trace is replayed at some speed')
  const first = atSecondsOf[0] ?? 0
  let position = worker
  let second = Number.NaN
  let from = 0
  let count = 0
  let lastNs = 0
  return {
    nextDueNs() {
      const at = atSecondsOf[position]
      if (at === undefined) return undefined
      if (at !== second) {
        second = at
        from = firstOf(atSecondsOf, position)
        count = endOf(atSecondsOf, position) - from
      }
      const seconds = at - first + (position - from) / count
      position += workers
      // A clock that went back while the trace was recorded lets requests wait for the ones before them.
      lastNs = Math.max(lastNs, (seconds / speed) * 1e9)
      return lastNs
    },
  }
}

/** Where the requests of the second at this position begin. */
function firstOf(atSecondsOf: ArrayLike<number>, position: number): number {
  let from = position
  while (from > 0 && atSecondsOf[from - 1] === atSecondsOf[position]) from--
  return from
}

function endOf(atSecondsOf: ArrayLike<number>, position: number): number {
  let end = position
  while (end < atSecondsOf.length && atSecondsOf[end] === atSecondsOf[position]) end++
  return end
}
