import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { runLoad } from '../../../bench/commands/load.ts'
import { runRun } from '../../../bench/commands/run.ts'
import { loadFlags, runFlags } from '../../../bench/commands/run-options.ts'
import { parseReport } from '../../../bench/report/read-report.ts'
import type { DrivenPhase, Report } from '../../../bench/report/report.ts'
import { exitCodes } from '../../../bench/report/verdict.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import {
  type PlainServer,
  type PlainServerOptions,
  startPlainHandleServer,
} from '../../support/plain-handle-server.ts'

const generator = createRecordGenerator({ seed: 42, prefix: '88.118' })
const closers: (() => Promise<void> | void)[] = []

// On a machine that is busy with other tests the generator may be late, and honestly say so.
const servedCodes: readonly number[] = [exitCodes.passed, exitCodes.invalid]

afterEach(async () => {
  vi.restoreAllMocks()
  for (const close of closers.splice(0).reverse()) await close()
})

test('a loaded server passes a run in two worker processes, with latency, mix and seed in the report', async () => {
  const { run, load } = await open()
  expect(await load('400')).toMatchObject({ code: exitCodes.passed })
  const { code, report } = await run({
    identifiers: '400',
    rate: '300',
    duration: '1s',
    workers: '2',
    schedule: 'constant',
  })
  expect(report.verdict.wrongAnswers).toBe(0)
  expect(servedCodes).toContain(code)
  const phase = openLoop(report)
  expect(phase).toMatchObject({
    due: 300,
    sent: 300,
    dropped: 0,
    offeredPerSecond: 300,
    workload: 'traceability',
  })
  expect(phase.operations.reduce((sum, { count }) => sum + count, 0)).toBe(300)
  expect(phase.operations.every(({ outcome }) => outcome === 'ok')).toBe(true)
  expect(report.config).toMatchObject({
    seed: 42,
    rate: 300,
    preset: 'traceability',
    registrationBase: expect.any(Number),
  })
})

test('one wrong answer fails the run and is shown', async () => {
  const tampered = generator.handleOf(7)
  const { run, load } = await open({ wrongFor: (handle) => handle === tampered })
  await load('20', '0')
  const { code, report } = await run({ identifiers: '20', rate: '300', duration: '1s' })
  expect(code).toBe(exitCodes.failed)
  expect(report.verdict.wrongAnswers).toBeGreaterThan(0)
  expect(openLoop(report).wrongExamples.join()).toContain(tampered)
})

test('a server that answers only 503 is reported as busy and fails the run', async () => {
  let loaded = false
  const { run, load } = await open({ busyAt: (request) => loaded && request % 2 === 0 })
  await load('20')
  loaded = true
  const { code, report } = await run({ identifiers: '20', rate: '100', duration: '1s' })
  expect(code).toBe(exitCodes.failed)
  expect(openLoop(report).operations.map(({ outcome }) => outcome)).toContain('busy')
  expect(report.verdict.reasons.join()).toContain('were not served')
})

const readBack = {
  identifiers: '20',
  rate: '100',
  duration: '1s',
  preset: 'register-resolve',
  readBack: true,
}

test('with --read-back every acknowledged write is read again after the phase', async () => {
  const { run, load } = await open()
  await load('20')
  const { code, report } = await run(readBack)
  expect(servedCodes).toContain(code)
  expect(openLoop(report).acknowledged?.checked).toBeGreaterThan(10)
  expect(openLoop(report).acknowledged?.lost).toBe(0)
})

test('with --read-back an acknowledged write that is lost fails the run', async () => {
  let loaded: ReadonlySet<string> | undefined
  const { run, load, server } = await open({
    delayMsOf: () => {
      const first = [...server.records.keys()].find((handle) => loaded?.has(handle) === false)
      if (first !== undefined) server.records.delete(first)
      return 0
    },
  })
  await load('20')
  loaded = new Set(server.records.keys())
  const { code, report } = await run(readBack)
  expect(code).toBe(exitCodes.failed)
  expect(openLoop(report).acknowledged?.lost).toBeGreaterThan(0)
  expect(report.verdict.reasons.join()).toContain('acknowledged writes were lost')
})

test('latency counts from the due time, so it holds the wait for a connection that service time lacks', async () => {
  const delayMs = 40
  let delayed = false
  const { run, load } = await open({ delayMsOf: () => (delayed ? delayMs : 0) })
  await load('20')
  delayed = true
  // One connection carries at most 25 requests a second of the 50 offered: the queue grows by 25 every second.
  const { report } = await run({
    identifiers: '20',
    rate: '50',
    duration: '1s',
    connections: '1',
    schedule: 'constant',
  })
  const phase = openLoop(report)
  const slowest = Math.max(...phase.operations.map(({ latency }) => latency.maxNs))
  expect(phase.due).toBe(50)
  expect(slowest / (delayMs * 1e6)).toBeGreaterThan(10)
})

test('one lost answer does not lower the rate that was achieved', async () => {
  let lost = Number.POSITIVE_INFINITY
  const { run, load, server } = await open({ delayMsOf: (number) => (number === lost ? 5000 : 0) })
  await load('20')
  lost = server.requests() + 150
  const { report } = await run({
    identifiers: '20',
    preset: 'ycsb-c',
    rate: '200',
    duration: '1s',
    timeout: '2s',
    schedule: 'constant',
    objective: 'throughput>80',
  })
  expect(report.verdict.reasons.filter((reason) => reason.includes('throughput'))).toEqual([])
  const phase = openLoop(report)
  expect(phase.operations).toMatchObject([{ outcome: 'ok' }, { outcome: 'timeout', count: 1, afterEnd: 1 }])
  expect(phase.durationSeconds).toBeLessThan(2)
  expect(phase.durationSeconds + (phase.drainSeconds ?? 0)).toBeGreaterThan(2)
})

test('the entries of the client cache are those of all workers together', async () => {
  const { run, load } = await open()
  await load('12')
  // Each worker reads every other record in turn: six never hit in a least-recently-used cache of three, and nearly always in
  // one of six.
  const loop = { identifiers: '12', preset: 'ycsb-c', distribution: 'loop', duration: '1s', clientCache: '6' }
  const { report } = await run({ ...loop, workers: '2', rate: '100' })
  const { transport, due } = openLoop(report)
  expect(transport?.clientCacheHits).toBeLessThan(due / 2)
})

test('a trace is replayed in its order, each object an identifier that is registered first', async () => {
  const { run, directory, server } = await open()
  const objects = [900n, 1n << 60n, 900n, 7n, 7n, 900n]
  const file = join(directory, 'tiny.oracleGeneral.bin')
  writeFileSync(file, Buffer.concat(objects.map((object, index) => traceRequest(index, object))))
  const { code, report } = await run({ trace: file, traceRate: '100', rate: '1' })
  expect(servedCodes).toContain(code)
  expect(report.phases.map(({ name }) => name)).toEqual(['load of tiny', 'replay of tiny'])
  expect(report.phases[0]).toMatchObject({ identifiers: 3, created: 3 })
  expect(openLoop(report)).toMatchObject({
    due: 6,
    operations: [{ operation: 'resolve', outcome: 'ok', count: 6 }],
  })
  expect(server.records.size).toBe(3)
})

test('a trace whose name tells no format is replayed in the one that is named', async () => {
  const { run, directory } = await open()
  const file = join(directory, 'requests.xyz')
  writeFileSync(file, '1;9\n2;7\n3;9\n')
  const traceTypeParams = 'time-col=1,obj-id-col=2,delimiter=;'
  const { report } = await run({ trace: file, format: 'csv', traceTypeParams, traceRate: '100' })
  expect(report.phases[0]).toMatchObject({ kind: 'load', identifiers: 2 })
  expect(openLoop(report)).toMatchObject({ due: 3, operations: [{ outcome: 'ok', count: 3 }] })
})

test('a replay is held against the objective of its run', async () => {
  const { run, directory } = await open()
  const file = join(directory, 'tiny.oracleGeneral.bin')
  writeFileSync(file, Buffer.concat([traceRequest(0, 1n), traceRequest(1, 2n)]))
  const { code, report } = await run({ trace: file, traceRate: '100', objective: 'throughput>1000000' })
  expect(code).toBe(exitCodes.failed)
  expect(report.verdict.reasons.join()).toContain(
    'replay of tiny: the objective throughput>1000000 was not met',
  )
})

test('an interrupted run writes what it has and says that it is partial', async () => {
  const { run, load } = await open()
  await load('20')
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 1500)
  const { code, report } = await run(
    { identifiers: '20', rate: '50', duration: '60s' },
    { signal: stop.signal },
  )
  expect(code).toBe(exitCodes.invalid)
  expect(report.verdict.reasons.join()).toContain('partial: interrupted')
  expect(openLoop(report).valid).toBe(false)
  expect(openLoop(report).due).toBeLessThan(1500)
})

test('the generator is measured by itself first, and the report says what it was', async () => {
  const { run, load } = await open()
  await load('20')
  const { report } = await run({ identifiers: '20', rate: '50', duration: '1s' }, { calibrated: true })
  expect(report.calibration?.generatorPerSecond).toBeGreaterThan(50)
  expect(report.calibration?.echoPerSecond).toBeGreaterThan(50)
  expect(report.calibration?.floorP50Ns).toBeGreaterThan(0)
  expect(report.calibration?.nearFloor).toEqual(expect.any(Array))
}, 60_000)

test('the floor of the generator is measured at the rate of the trace, where one is replayed', async () => {
  const { run, load, directory } = await open()
  await load('20')
  const file = join(directory, 'tiny.oracleGeneral.bin')
  writeFileSync(file, Buffer.concat([900n, 7n, 900n].map((object, index) => traceRequest(index, object))))
  const { report } = await run({ trace: file, traceRate: '90', rate: '1' }, { calibrated: true })
  expect(report.calibration?.floorPerSecond).toBe(90)
}, 60_000)

test('the floor of clients that wait is that of such clients', async () => {
  const { run, load } = await open()
  await load('20')
  const given = { identifiers: '20', clients: '2', think: '100ms', rate: '5000', duration: '1s' }
  const { report } = await run(given, { calibrated: true })
  // Two that think for a tenth of a second ask at most some twenty times a second.
  expect(report.calibration?.floorPerSecond).toBeGreaterThan(0)
  expect(report.calibration?.floorPerSecond).toBeLessThan(100)
}, 60_000)

type Given = Partial<Record<keyof typeof runFlags.shape, string | boolean>>
type RunChoices = { readonly signal?: AbortSignal; readonly calibrated?: boolean }

async function open(options: PlainServerOptions = {}) {
  const server: PlainServer = await startPlainHandleServer(options)
  closers.push(() => server.close())
  const directory = mkdtempSync(join(tmpdir(), 'erji-run-test-'))
  closers.push(() => rmSync(directory, { recursive: true }))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const stream = { isTTY: false, write: () => true } as unknown as NodeJS.WriteStream
  const context = (signal: AbortSignal) => ({ command: ['erji-bench'], signal, stream })
  const never = new AbortController().signal
  const inDirectory = (name: string) => join(directory, name)
  const load = async (identifiers: string, sample = '20') => {
    const out = inDirectory('load')
    const flags = loadFlags.parse({ target: server.url, identifiers, sample, out })
    return { code: await runLoad(flags, context(never)) }
  }
  const run = async (given: Given, { signal = never, calibrated = false }: RunChoices = {}) => {
    const out = inDirectory('run')
    const flags = runFlags.parse({
      target: server.url,
      warmUp: '0s',
      out,
      skipCalibration: !calibrated,
      ...given,
    })
    const code = await runRun(flags, context(signal))
    return { code, report: onlyReport(out) }
  }
  return { server, directory, load, run }
}

function onlyReport(directory: string): Report {
  const [name = '', ...others] = readdirSync(directory).filter((file) => file.endsWith('.json'))
  expect(others).toEqual([])
  const file = join(directory, name)
  return parseReport({ text: readFileSync(file, 'utf8'), file })
}

function openLoop(report: Report): DrivenPhase {
  const phase = report.phases.find(({ kind }) => kind === 'open-loop')
  if (phase?.kind !== 'open-loop') throw new Error('the report has an open-loop phase')
  return phase
}

/** One request in oracleGeneral: clock, id, size, next access (unknown). */
function traceRequest(second: number, object: bigint): Buffer {
  const bytes = Buffer.alloc(24)
  bytes.writeUInt32LE(second, 0)
  bytes.writeBigUInt64LE(object, 4)
  bytes.writeUInt32LE(1, 12)
  return bytes
}
