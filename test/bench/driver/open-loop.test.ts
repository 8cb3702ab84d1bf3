import { expect, test } from 'vitest'
import { runOpenLoop } from '../../../bench/driver/open-loop.ts'
import { schedules } from '../../../bench/driver/schedules/index.ts'
import { judgeValidity } from '../../../bench/driver/validity.ts'
import { createOperationRecorder, summariseSnapshot } from '../../../bench/measure/operation-recorder.ts'
import type { Target } from '../../../bench/target/target.ts'
import type { OperationResult } from '../../../bench/workload/operation.ts'
import type { Workload } from '../../../bench/workload/workload.ts'
import { systemClock } from '../../../src/support/clock.ts'

const endless: Workload = { next: () => ({ kind: 'resolve', ordinal: 0, revision: 0 }) }
const ok: OperationResult = { outcome: 'ok' }

test('a stall of the target shows in the latencies of everything that was due during it, which a closed loop hides', async () => {
  const stallMs = 200
  const target = targetThat(stallingOnce(stallMs))
  const { summary } = await drive({ target, ratePerSecond: 500, durationSeconds: 1 })
  // Half of a second's arrivals before the stall, then a fifth of them waiting: uniformly between 0 and the stall.
  const waited = (stallMs / 1000) * 500
  const [resolve] = summary.operations
  expect(summary.due).toBe(500)
  expect(resolve?.latency.p90Ns).toBeGreaterThan(stallMs * 1e6 * 0.3)
  expect(resolve?.latency.maxNs).toBeGreaterThan(stallMs * 1e6 * 0.9)

  const closed = await closedLoop(targetThat(stallingOnce(stallMs)), 500)
  const slowClosed = closed.filter((ns) => ns > stallMs * 1e6 * 0.3).length
  expect(slowClosed).toBeGreaterThanOrEqual(1)
  expect(waited).toBeGreaterThan(20 * slowClosed)
})

test('a late wake-up sends the backlog at once, and its lateness is in the latency but not in the service time', async () => {
  const target = targetThat(() => {
    // Blocks the generator itself, once.
    if (blocked) return Promise.resolve(ok)
    blocked = true
    const untilNs = systemClock.nowNs() + 100e6
    while (systemClock.nowNs() < untilNs);
    return Promise.resolve(ok)
  })
  let blocked = false
  const { summary, loop } = await drive({ target, ratePerSecond: 1000, durationSeconds: 0.3 })
  expect(loop.due).toBe(300)
  expect(summary.schedulingLateness.maxNs).toBeGreaterThan(80e6)
  const conduct = { ...loop, scheduled: 300, interrupted: false, gaveUp: false }
  const { valid, invalidBecause } = judgeValidity({
    ...conduct,
    latenessP99Ns: summary.schedulingLateness.p99Ns,
  })
  expect(valid).toBe(false)
  expect(invalidBecause.join()).toContain('the generator was late')
})

test('arrivals beyond the bound on requests in flight are dropped and counted, not sent later', async () => {
  let performed = 0
  const target = targetThat(() => {
    performed += 1
    return new Promise(() => undefined)
  })
  const { summary, loop } = await drive({
    target,
    ratePerSecond: 200,
    durationSeconds: 0.5,
    inFlightMax: 10,
    drainSecondsMax: 0.05,
  })
  expect(performed).toBe(10)
  expect(loop).toMatchObject({ due: 100, sent: 10, dropped: 90 })
  expect(summary.dropped).toBe(90)
  expect(summary.operations).toMatchObject([{ outcome: 'timeout', count: 10 }])
})

test('waiting for a lost answer is no part of the time that rates are divided by', async () => {
  let performed = 0
  const target = targetThat(() => (performed++ === 50 ? new Promise(() => undefined) : Promise.resolve(ok)))
  const drainSecondsMax = 2
  const { loop, summary } = await drive({ target, ratePerSecond: 200, durationSeconds: 0.5, drainSecondsMax })
  expect(loop.measuredSeconds).toBeGreaterThanOrEqual(0.5)
  expect(loop.measuredSeconds).toBeLessThan(drainSecondsMax)
  expect(loop.measuredSeconds + loop.drainSeconds).toBeGreaterThan(drainSecondsMax)
  expect(summary.operations).toMatchObject([
    { outcome: 'ok', count: 99 },
    { outcome: 'timeout', count: 1, afterEnd: 1 },
  ])
})

test('a backlog that is answered after the last arrival is told apart from what was answered in time', async () => {
  const { promise: worked, resolve: work } = Promise.withResolvers<OperationResult>()
  let performed = 0
  const target = targetThat(() => {
    performed += 1
    if (performed === 100) setTimeout(() => work(ok), 100)
    return performed > 60 ? worked : Promise.resolve(ok)
  })
  const { loop, summary } = await drive({ target, ratePerSecond: 1000, durationSeconds: 0.1 })
  expect(loop.measuredSeconds).toBeGreaterThanOrEqual(0.1)
  expect(summary.operations).toMatchObject([{ outcome: 'ok', count: 100, afterEnd: 40 }])
})

test('an interrupted loop is measured until it was interrupted', async () => {
  const stop = new AbortController()
  let performed = 0
  const target = targetThat(() => {
    performed += 1
    if (performed === 20) stop.abort()
    return Promise.resolve(ok)
  })
  const { loop } = await drive({
    target,
    ratePerSecond: 100,
    durationSeconds: 60,
    signal: stop.signal,
  })
  expect(loop.measuredSeconds).toBeGreaterThan(0.1)
  expect(loop.measuredSeconds).toBeLessThan(30)
})

test('an abort ends the loop early with what it has', async () => {
  const stop = new AbortController()
  let performed = 0
  const target = targetThat(() => {
    performed += 1
    if (performed === 5) stop.abort()
    return Promise.resolve(ok)
  })
  const { loop, summary } = await drive({
    target,
    ratePerSecond: 100,
    durationSeconds: 60,
    signal: stop.signal,
  })
  expect(loop.due).toBeGreaterThan(0)
  expect(loop.due).toBeLessThan(3000)
  expect(summary.settled).toBe(loop.due)
})

test('what an abort leaves unanswered counts as never due', async () => {
  const stop = new AbortController()
  const target = targetThat(() => new Promise(() => undefined))
  setTimeout(() => stop.abort(), 50)
  const { loop, summary } = await drive({
    target,
    ratePerSecond: 100,
    durationSeconds: 60,
    signal: stop.signal,
  })
  expect(loop).toMatchObject({ due: 0, sent: 0 })
  expect(summary.settled).toBe(0)
})

test('a finite workload ends the loop', async () => {
  let left = 25
  const workload: Workload = {
    next: () => (left-- > 0 ? { kind: 'absent', ordinal: 1, revision: 0 } : undefined),
  }
  const { loop } = await drive({
    workload,
    target: targetThat(() => Promise.resolve(ok)),
    ratePerSecond: 1000,
    durationSeconds: 60,
  })
  expect(loop).toMatchObject({ due: 25, sent: 25, dropped: 0 })
})

test('the workload learns what came of each operation, dropped ones included', async () => {
  const heard: boolean[] = []
  const workload: Workload = { ...endless, settled: (_operation, good) => heard.push(good) }
  let performed = 0
  const target = targetThat(() => (performed++ === 0 ? new Promise(() => undefined) : Promise.resolve(ok)))
  await drive({
    workload,
    target,
    ratePerSecond: 100,
    durationSeconds: 0.1,
    inFlightMax: 1,
    drainSecondsMax: 0.01,
  })
  expect(heard.length).toBe(10)
  expect(heard.every((good) => !good)).toBe(true)
})

test('a defect of ours in a target is thrown, not measured', async () => {
  const target = targetThat(() => Promise.reject(new Error('a defect')))
  await expect(drive({ target, ratePerSecond: 100, durationSeconds: 0.05 })).rejects.toThrow('a defect')
})

type Drive = {
  readonly target: Target
  readonly ratePerSecond: number
  readonly durationSeconds: number
  readonly workload?: Workload
  readonly inFlightMax?: number
  readonly drainSecondsMax?: number
  readonly signal?: AbortSignal
}

async function drive(given: Drive) {
  const recorder = createOperationRecorder({ startNs: 0 })
  const loop = await runOpenLoop({
    workload: endless,
    inFlightMax: 10_000,
    drainSecondsMax: 5,
    signal: new AbortController().signal,
    ...given,
    scheduledSeconds: given.durationSeconds,
    schedule: schedules.constant({ ...given, worker: 0, workers: 1, seed: 1 }),
    recorder,
    clock: systemClock,
  })
  return { loop, summary: summariseSnapshot(recorder.snapshot()) }
}

function targetThat(perform: () => Promise<OperationResult>): Target {
  return {
    capabilities: { bulkRegistration: false, statistics: false },
    perform,
    registerRange: () => Promise.reject(new Error('not part of this test')),
    statistics: async () => undefined,
    describe: async () => ({ url: 'test:' }),
    close: async () => undefined,
  }
}

/** Answers at once, but for one stall that starts with the 250th request and holds everything asked during it. */
function stallingOnce(stallMs: number): () => Promise<OperationResult> {
  let asked = 0
  let stall: Promise<OperationResult> | undefined
  let over = false
  return () => {
    asked += 1
    if (asked === 250) {
      stall = new Promise((resolve) =>
        setTimeout(() => {
          over = true
          resolve(ok)
        }, stallMs),
      )
    }
    return stall === undefined || over ? Promise.resolve(ok) : stall
  }
}

async function closedLoop(target: Target, requests: number): Promise<number[]> {
  const times: number[] = []
  for (let number = 0; number < requests; number++) {
    const sentNs = systemClock.nowNs()
    await target.perform({ kind: 'resolve', ordinal: 0, revision: 0 }, new AbortController().signal)
    times.push(systemClock.nowNs() - sentNs)
  }
  return times
}
