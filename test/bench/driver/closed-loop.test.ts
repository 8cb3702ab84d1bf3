import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runClosedLoop } from '../../../bench/driver/closed-loop.ts'
import { createOperationRecorder, summariseSnapshot } from '../../../bench/measure/operation-recorder.ts'
import { openNullTarget } from '../../../bench/target/null.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { createPrng } from '../../../src/support/prng.ts'

/** A target that takes its time and counts how many it holds at once. */
async function measured(loop: {
  readonly clients: number
  readonly thinkSeconds: number
  readonly seconds: number
}) {
  let under = 0
  let most = 0
  const target = {
    ...(await openNullTarget()),
    perform: async () => {
      most = Math.max(most, ++under)
      await sleep(10)
      under--
      return { outcome: 'ok' } as const
    },
  }
  const recorder = createOperationRecorder({ startNs: 0 })
  const workload = { next: () => ({ kind: 'resolve', ordinal: 1, revision: 0 }) as const }
  const { signal } = new AbortController()
  const parts = { target, recorder, workload, signal, clock: systemClock, prng: createPrng(1) }
  const result = await runClosedLoop({ ...parts, ...loop, durationSeconds: loop.seconds })
  return { result, most, summary: summariseSnapshot(recorder.snapshot()) }
}

test('never more requests are under way than there are clients, and each answer brings the next request', async () => {
  const { result, most, summary } = await measured({ clients: 4, thinkSeconds: 0, seconds: 0.4 })
  expect(most).toBe(4)
  expect(result.due).toBeGreaterThan(8)
  expect(result.due).toBeLessThanOrEqual(4 * 41)
  expect(summary.settled).toBe(result.due)
})

test('thinking takes away from the rate', async () => {
  const busy = await measured({ clients: 4, thinkSeconds: 0, seconds: 0.5 })
  const thoughtful = await measured({ clients: 4, thinkSeconds: 0.1, seconds: 0.5 })
  expect(thoughtful.result.due).toBeLessThan(busy.result.due / 2)
})

test('clients that think are measured for as long as was planned, at the rate that they come to', async () => {
  const loop = { clients: 50, thinkSeconds: 0.2, seconds: 1 }
  const { result, summary } = await measured(loop)
  expect(result.measuredSeconds).toBe(loop.seconds)
  // Each asks once in the time that it thinks and is served, on average.
  const servedSeconds = (summary.operations[0]?.latency.meanNs ?? 0) / 1e9
  const expected = loop.clients / (loop.thinkSeconds + servedSeconds)
  expect(result.due / result.measuredSeconds / expected).toBeGreaterThan(0.75)
  expect(result.due / result.measuredSeconds / expected).toBeLessThan(1.25)
})

test('who is still thinking at the end asks no more and holds nobody up', async () => {
  const { result } = await measured({ clients: 3, thinkSeconds: 86_400, seconds: 0.1 })
  expect(result).toMatchObject({ due: 0, measuredSeconds: 0.1 })
})

test('what is answered after the end is measured, and told apart', async () => {
  const { result, summary } = await measured({ clients: 4, thinkSeconds: 0, seconds: 0.005 })
  expect(summary.operations).toMatchObject([{ count: result.due, afterEnd: result.due }])
})
