import { expect, test } from 'vitest'
import { createTraceWorkload } from '../../../../bench/workload/traces/trace-workload.ts'
import type { Workload } from '../../../../bench/workload/workload.ts'

const requests = Uint32Array.of(0, 1, 0, 2, 3)

test('each object is resolved in the order of the trace, until its end', () => {
  expect(ordinalsOf(createTraceWorkload({ requests, base: 100, worker: 0, workers: 1 }))).toEqual([
    100, 101, 100, 102, 103,
  ])
})

test('workers share the requests out in turn', () => {
  expect(ordinalsOf(createTraceWorkload({ requests, base: 0, worker: 0, workers: 2 }))).toEqual([0, 0, 3])
  expect(ordinalsOf(createTraceWorkload({ requests, base: 0, worker: 1, workers: 2 }))).toEqual([1, 2])
})

test('an ended workload stays at its end', () => {
  const workload = createTraceWorkload({ requests: Uint32Array.of(5), base: 0, worker: 0, workers: 1 })
  expect(workload.next()).toEqual({ kind: 'resolve', ordinal: 5, revision: 0 })
  expect(workload.next()).toBeUndefined()
  expect(workload.next()).toBeUndefined()
})

test('a worker that is not one of the workers is refused', () => {
  expect(() => createTraceWorkload({ requests, base: 0, worker: 2, workers: 2 })).toThrow(
    'one of the workers',
  )
})

function ordinalsOf(workload: Workload): number[] {
  const ordinals: number[] = []
  for (let operation = workload.next(); operation !== undefined; operation = workload.next()) {
    ordinals.push(operation.ordinal)
  }
  return ordinals
}
