/** The whole harness against a Handle server that shares no code with the node and offers nothing beyond the protocol. */
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCapacity } from '../../bench/commands/capacity.ts'
import { capacityFlags } from '../../bench/commands/capacity-options.ts'
import { runCompare } from '../../bench/commands/compare.ts'
import { compareFlags } from '../../bench/commands/gate-options.ts'
import { runLoad } from '../../bench/commands/load.ts'
import { runRun } from '../../bench/commands/run.ts'
import { loadFlags, runFlags } from '../../bench/commands/run-options.ts'
import { readReport } from '../../bench/report/read-report.ts'
import type { DrivenPhase, LoadPhase, Report } from '../../bench/report/report.ts'
import {
  type PlainServer,
  type PlainServerOptions,
  startPlainHandleServer,
} from '../support/plain-handle-server.ts'
import { selfSigned } from '../support/self-signed.ts'

const credentials = '300%3A88.118%2FADMIN:s3cret'
const context = { command: ['run'], signal: new AbortController().signal, stream: process.stderr }

let out: string
let secretFile: string
let server: PlainServer | undefined
beforeEach(async () => {
  out = await mkdtemp(join(tmpdir(), 'erji-foreign-'))
  secretFile = join(out, 'secret')
  await writeFile(secretFile, 's3cret\n')
})
afterEach(async () => {
  await server?.close()
  await rm(out, { recursive: true })
})

test('load, run, capacity and compare work on a server that redirects, closes each connection and sends chunks', async () => {
  const target = await started({ redirects: true, closes: true, credentials })
  expect(await load(target)).toMatchObject({ code: 0, phase: { created: 400, failed: 0, sampledWrong: 0 } })
  expect(await load(target)).toMatchObject({ code: 0, phase: { created: 0, identical: 400 } })
  const first = await run(target, { preset: 'life-cycle' })
  const second = await run(target, { preset: 'life-cycle' })
  for (const { code, report } of [first, second]) {
    expect([0, 3]).toContain(code)
    expect(report.verdict.wrongAnswers).toBe(0)
    const phase = report.phases.at(-1) as DrivenPhase
    expect(phase.operations.every(({ outcome }) => outcome === 'ok')).toBe(true)
    const kinds = phase.operations.map(({ operation }) => operation)
    expect(kinds).toEqual(expect.arrayContaining(['value-add', 'value-put', 'value-delete']))
  }
  const supply = await run(target, { preset: 'supply-chain' })
  expect(supply.report.verdict.wrongAnswers).toBe(0)
  const supplied = (supply.report.phases.at(-1) as DrivenPhase).operations
  expect(supplied.every(({ outcome }) => outcome === 'ok')).toBe(true)
  expect(supplied.map(({ operation }) => operation)).toContain('bulk')
  const judged = await runCompare(compareFlags.parse({ out }), context, [first.file, second.file])
  expect([0, 1, 3, 4]).toContain(judged)
  const found = await runCapacity(
    capacityFlags.parse({
      target,
      secretFile,
      out,
      identifiers: '400',
      objective: 'resolve.p99<5s',
      start: '50',
      maximum: '100',
      searches: '1',
      trialsMax: '4',
      skipCalibration: true,
      duration: '1s',
      warmUp: '0s',
      settle: '0s',
    }),
    context,
  )
  // On a busy machine every trial may be void, so that no rate is found.
  expect([0, 1, 3]).toContain(found)
  expect((await readdir(out)).some((name) => name.endsWith('-capacity.json'))).toBe(true)
}, 60_000)

test('records carry as much as the preset or a flag says, and are verified whole', async () => {
  const target = await started({ credentials })
  const described = { preset: 'life-cycle', recordSizes: 'preset' }
  expect(await load(target, described)).toMatchObject({ code: 0, phase: { created: 400, sampledWrong: 0 } })
  const { report } = await run(target, described)
  expect(report.verdict.wrongAnswers).toBe(0)
  const longest = Math.max(
    ...[...(server?.records.values() ?? [])].map((values) => JSON.stringify(values).length),
  )
  expect(longest).toBeGreaterThan(2000)
  const other = await run(target, { preset: 'life-cycle', recordSizes: 'fixed:10' })
  expect(other.report.verdict.wrongAnswers).toBeGreaterThan(0)
  await expect(run(target, { preset: 'ycsb-c', recordSizes: 'preset' })).rejects.toThrow(
    /"ycsb-c", which has none/,
  )
}, 60_000)

test('clients that wait are a closed loop of its own kind, in the warm-up too', async () => {
  let requests = 0
  const answerMs = 50
  const counted = (): number => {
    requests += 1
    return answerMs
  }
  const target = await started({ credentials, delayMsOf: counted })
  await load(target)
  requests = 0
  const { report } = await run(target, {
    preset: 'ycsb-c',
    clients: '2',
    rate: '5000',
    warmUp: '1s',
    duration: '1s',
  })
  const phase = report.phases.at(-1)
  expect(phase).toMatchObject({ kind: 'closed-loop', closedLoop: { clients: 2, thinkSeconds: 0 } })
  // Two clients in two seconds, and what opening a target and reading its statistics asks; an open loop would have sent 5000.
  expect(requests).toBeLessThan((2 * 2000) / answerMs + 40)
}, 60_000)

test('a server with a certificate of its own is measured where it is told to take any, and named where not', async () => {
  const target = await started({ tls: selfSigned(), credentials })
  await expect(load(target)).rejects.toThrow(/self-signed certificate.*take any certificate with --insecure/)
  expect(await load(target, { insecure: true })).toMatchObject({ code: 0, phase: { created: 400 } })
  const { code, report } = await run(target, { insecure: true, requestsPerConnection: '5' })
  expect([0, 3]).toContain(code)
  expect(report.verdict.wrongAnswers).toBe(0)
}, 60_000)

test('without credentials nothing is written, and the refusal is told', async () => {
  const target = await started({ credentials })
  const flags = loadFlags.parse({ target, out, identifiers: '40', sample: '10' })
  expect(await runLoad(flags, context)).toBe(1)
  const { report } = await last()
  expect(report.verdict.reasons.join()).toMatch(/was answered 401/)
})

test('wrong answers fail a run, answers cut off in the middle are errors and not wrong', async () => {
  const target = await started({ credentials, cutAt: (request) => request > 900 && request % 10 === 0 })
  await load(target)
  const cut = await run(target, { preset: 'ycsb-c', rate: '400' })
  expect(cut.report.verdict.wrongAnswers).toBe(0)
  const failed = (cut.report.phases.at(-1) as DrivenPhase).operations.find(
    ({ outcome }) => outcome === 'error',
  )
  expect(failed?.count).toBeGreaterThan(0)
  expect(cut.code).toBe(1)
  await server?.close()
  const records = server?.records ?? new Map()
  const liar = await started({ credentials, wrongFor: () => true })
  for (const [handle, values] of records) server?.records.set(handle, values)
  const wrong = await run(liar, { preset: 'ycsb-c' })
  expect(wrong.code).toBe(1)
  expect(wrong.report.verdict.wrongAnswers).toBeGreaterThan(0)
}, 60_000)

test('a trace replays at its own times, scaled', async () => {
  const target = await started({ credentials })
  const trace = join(out, 'recorded.oracleGeneral.bin')
  // One request at second 0 and 19 at second 4, in the 24 bytes of each record of the format.
  const bytes = Buffer.alloc(20 * 24)
  for (let request = 0; request < 20; request++) {
    bytes.writeUInt32LE(request === 0 ? 1000 : 1004, request * 24)
    bytes.writeBigUInt64LE(BigInt(request % 7), request * 24 + 4)
    bytes.writeUInt32LE(100, request * 24 + 12)
    bytes.writeBigInt64LE(-1n, request * 24 + 16)
  }
  await writeFile(trace, bytes)
  const { report } = await run(target, { trace, traceSpeed: '4' })
  const phase = report.phases.at(-1) as DrivenPhase
  expect(phase.operations).toMatchObject([{ operation: 'resolve', outcome: 'ok', count: 20 }])
  expect(phase.offeredPerSecond).toBe((20 * 4) / 5)
  // Five seconds of the trace, the last of them whole.
  expect(phase.durationSeconds).toBeGreaterThanOrEqual(5 / 4)
  expect(phase.timeline[0]?.offered).toBe(1)
  expect(phase.timeline[1]?.offered).toBe(19)
})

test('a rate beyond the generator voids the run instead of blaming the server', async () => {
  const target = await started({ credentials })
  await load(target)
  const { code, report } = await run(target, { preset: 'ycsb-c', rate: '10M', timeout: '1s' })
  expect(report.verdict.passed).toBe(false)
  expect(report.phases.at(-1)?.valid).toBe(false)
  expect(report.phases.at(-1)?.invalidBecause.join()).toMatch(/the generator fell seconds behind and gave up/)
  expect([1, 3]).toContain(code)
}, 60_000)

async function started(options: PlainServerOptions): Promise<string> {
  server = await startPlainHandleServer(options)
  return server.url
}

async function load(target: string, more: Readonly<Record<string, string | boolean>> = {}) {
  const flags = loadFlags.parse({ target, secretFile, out, identifiers: '400', sample: '50', ...more })
  const code = await runLoad(flags, context)
  // Without what the load noted, the next one registers all again.
  const notes = (await readdir(out)).filter((name) => name.startsWith('erji-load-'))
  for (const name of notes) await rm(join(out, name))
  const { report } = await last()
  return { code, phase: report.phases[0] as LoadPhase }
}

async function run(target: string, more: Readonly<Record<string, string | boolean>>) {
  const given = { rate: '100', duration: '2s', warmUp: '200ms', skipCalibration: true, ...more }
  const flags = runFlags.parse({ target, secretFile, out, identifiers: '400', ...given })
  const code = await runRun(flags, context)
  return { code, ...(await last()) }
}

/** The newest report. */
async function last(): Promise<{ readonly report: Report; readonly file: string }> {
  const names = (await readdir(out)).filter((name) => /^\d{4}-.*\.json$/.test(name))
  const reports = await Promise.all(
    names.map(async (name) => {
      const file = join(out, name)
      const { mtimeMs } = await stat(file)
      return { file, mtimeMs }
    }),
  )
  const newest = reports.sort((left, right) => right.mtimeMs - left.mtimeMs)[0]
  if (newest === undefined) throw new Error(`no report in ${out}`)
  return { report: await readReport(newest.file), file: newest.file }
}
