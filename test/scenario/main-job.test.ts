import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CeilingPhase, DrivenPhase, LoadPhase, Report } from '../../bench/report/report.ts'
import { exitCodes } from '../../bench/report/verdict.ts'
import { BenchPlace, isRunning } from '../support/bench-process.ts'
import type { Ended } from '../support/node-process.ts'

// Counted in the file that the repository ships: so many requests for so many objects.
const traceRequests = 76_118
const traceObjects = 20_484

const identifiers = 5000
const durationSeconds = 3

let place: BenchPlace
let ended: Ended
let report: Report
let files: readonly string[]
beforeAll(async () => {
  place = await BenchPlace.create()
  const flags = { rate: '200', duration: `${durationSeconds}`, 'warm-up': '1', 'trace-rate': '2500' }
  ended = await place.start('bench', { ...flags, identifiers: `${identifiers}` }).ended
  const found = await place.report()
  report = found.report
  files = found.files
})
afterAll(() => place[Symbol.asyncDispose]())

test('the main job ends well, or says that the generator was late and that alone', () => {
  // A machine that is busy with other tests makes the generator late: that voids latencies, not answers.
  expect([exitCodes.passed, exitCodes.invalid], ended.stdout).toContain(ended.code)
  expect(report.verdict.wrongAnswers).toBe(0)
  for (const reason of report.verdict.reasons) expect(reason).toContain('the generator')
  expect(report.phases.map(({ name }) => name)).toEqual([
    'load',
    'traceability at 200/s',
    'ceiling: one cached record',
    'load of web07',
    'replay of web07',
  ])
})

test('the load tells its rate and what a record takes in the store', () => {
  const load = report.phases[0] as LoadPhase
  expect(load).toMatchObject({ identifiers, created: identifiers, identical: 0, failed: 0, sampledWrong: 0 })
  expect(load.sampled).toBeGreaterThan(0)
  expect(load.registeredPerSecond).toBeCloseTo(identifiers / load.durationSeconds, 3)
  expect(load.generatedJsonBytesPerRecord).toBeGreaterThan(200)
  expect(load.generatedJsonBytesPerRecord).toBeLessThan(300)
  // The binary encoding is smaller than the JSON that it was made from.
  expect(load.storeBytesPerRecord).toBeGreaterThan(0)
  expect(load.storeBytesPerRecord).toBeLessThan(load.generatedJsonBytesPerRecord)
})

test('the driven phase tells percentiles of latency by operation, every answer verified', () => {
  const driven = report.phases[1] as DrivenPhase
  expect(driven).toMatchObject({ sent: driven.due, dropped: 0, wrongExamples: [], errorExamples: [] })
  const operations = driven.operations.map(({ operation }) => operation)
  expect(operations).toEqual(expect.arrayContaining(['resolve', 'resolve-type', 'absent', 'register']))
  expect(driven.operations.reduce((sum, { count }) => sum + count, 0)).toBe(driven.due)
  for (const { outcome, latency, serviceTime } of driven.operations) {
    expect(outcome).toBe('ok')
    expect(latency.p50Ns).toBeGreaterThan(0)
    expect(latency.p99Ns).toBeGreaterThanOrEqual(latency.p50Ns)
    expect(latency.p999Ns).toBeGreaterThanOrEqual(latency.p99Ns)
    // From when it was due, so never below the time from when it was sent.
    expect(latency.p50Ns).toBeGreaterThanOrEqual(serviceTime.minNs)
  }
  // What was answered after the last second has one of its own.
  expect(driven.timeline.length).toBeGreaterThanOrEqual(durationSeconds)
  expect(driven.timeline.reduce((sum, { offered }) => sum + offered, 0)).toBe(driven.due)
})

test('every object of the real trace misses once and hits ever after, in a cache that holds them all', () => {
  const load = report.phases[3] as LoadPhase
  const replay = report.phases[4] as DrivenPhase
  expect(load).toMatchObject({ identifiers: traceObjects, created: traceObjects, failed: 0 })
  expect(replay.due).toBe(traceRequests)
  const { hits = 0, misses = 0, hitRatio = 0, ...others } = replay.cache ?? {}
  expect(others).toEqual({ negativeHits: 0 })
  expect(hits + misses).toBe(replay.sent)
  // None is dropped unless the machine stalls for seconds; a dropped request may have been its object's only one.
  expect(replay.sent).toBe(traceRequests - replay.dropped)
  // Where reads are slow, whoever asks for an object whose first read is under way waits for it, and misses too.
  const mayMissAgain = 0.05 * traceObjects
  expect(misses).toBeLessThanOrEqual(traceObjects + mayMissAgain)
  expect(misses).toBeGreaterThanOrEqual(traceObjects - replay.dropped)
  expect(hitRatio).toBe(hits / (hits + misses))
  expect(Math.abs(hitRatio - (1 - traceObjects / traceRequests))).toBeLessThanOrEqual(
    (replay.dropped + mayMissAgain) / traceRequests,
  )
})

test('the ceiling and the generator itself are measured', () => {
  expect((report.phases[2] as CeilingPhase).requestsPerSecond).toBeGreaterThan(0)
  const { generatorPerSecond = 0, floorP50Ns = 0, floorP99Ns = 0 } = report.calibration ?? {}
  expect(generatorPerSecond).toBeGreaterThan(200)
  expect(floorP50Ns).toBeGreaterThan(0)
  expect(floorP99Ns).toBeGreaterThanOrEqual(floorP50Ns)
})

test('the report holds what was run on what, with defaults, and the count of what is stored', () => {
  expect(report.config).toMatchObject({ identifiers, rate: [200], seed: 42, durability: 'sync' })
  expect(report.target).toMatchObject({ storeEngine: 'level', durability: 'sync' })
  const registered = (report.phases[1] as DrivenPhase).operations.find((of) => of.operation === 'register')
  // Those of the warm-up are there too.
  expect(report.target.records).toBeGreaterThanOrEqual(identifiers + traceObjects + (registered?.count ?? 0))
  expect(report.environment.logicalCores).toBeGreaterThan(0)
})

test('it is written as JSON, Markdown, one HTML page and for other tools, and named on standard output', async () => {
  expect(files.map((name) => name.replace(/^.*\./, ''))).toEqual(['hlog', 'html', 'json', 'md', 'prom'])
  const [, html = '', , markdown = ''] = files
  expect(await readFile(join(place.results, markdown), 'utf8')).toContain('replay of web07')
  expect(await readFile(join(place.results, html), 'utf8')).toMatch(/^<!doctype html>/i)
  for (const name of files) {
    expect(ended.stdout).toContain(name)
    expect((await stat(join(place.results, name))).size).toBeGreaterThan(0)
  }
})

test('neither a data directory nor a process is left behind', async () => {
  const pid = Number(/node (\d+) listens/.exec(ended.stderr)?.[1])
  expect(pid).toBeGreaterThan(0)
  expect(isRunning(pid)).toBe(false)
  expect(await readdir(place.temporary)).toEqual([])
})
