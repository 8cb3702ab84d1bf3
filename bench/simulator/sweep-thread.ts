import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '../../src/support/assert.ts'
import { simulate } from './simulate.ts'
import type { FromSweepThread, SweepThreadData, ToSweepThread } from './sweep-messages.ts'

/** A thread of a sweep: simulates one policy at one capacity after another over the trace that it shares with the others. */

const { trace, settings } = workerData as SweepThreadData
const port = parentPort
assert(port !== null, 'a thread of a sweep has a parent')

port.on('message', ({ job, policy, capacity, unit }: ToSweepThread) => {
  const result = simulate(policy.policy, trace, {
    ...settings,
    capacity,
    unit,
    parameters: policy.parameters,
  })
  port.postMessage({ job, result } satisfies FromSweepThread)
})
