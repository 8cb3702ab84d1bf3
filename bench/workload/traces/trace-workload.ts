import { assert } from '../../../src/support/assert.ts'
import { ordinalsMax } from '../record-generator.ts'
import type { Workload } from '../workload.ts'

export type TraceWorkloadOptions = {
  /** Which object each request asks for, numbered from 0. */
  readonly requests: Uint32Array
  /** The ordinal of object 0; the objects are registered from there on and not rewritten. */
  readonly base: number
  readonly worker: number
  readonly workers: number
}

/**
 * Replays a recorded stream in its order, each object an identifier. Worker w takes the requests w, w + workers, …: with
 * arrivals dealt out likewise the node sees the recorded order, but for what is under way at one time.
 */
export function createTraceWorkload({ requests, base, worker, workers }: TraceWorkloadOptions): Workload {
  assert(worker >= 0 && worker < workers, 'a worker is one of the workers')
  assert(base >= 0 && base + 2 ** 32 <= ordinalsMax, 'the objects of a trace have ordinals')
  let position = worker
  return {
    next() {
      const object = requests[position]
      if (object === undefined) return undefined
      position += workers
      return { kind: 'resolve', ordinal: base + object, revision: 0 }
    },
  }
}
