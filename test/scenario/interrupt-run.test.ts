import { spawnSync } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { DrivenPhase, LoadPhase } from '../../bench/report/report.ts'
import { exitCodes } from '../../bench/report/verdict.ts'
import { ask } from '../support/ask.ts'
import { BenchPlace, type BenchProcess, isRunning } from '../support/bench-process.ts'
import { freePort } from '../support/free-port.ts'
import { isStopped } from '../support/is-stopped.ts'
import { until } from '../support/until.ts'

const quick = { rate: '200', 'skip-calibration': true } as const

test('interrupted while it loads, it ends by itself with a partial report and leaves nothing behind', async () => {
  await using place = await BenchPlace.create()
  // More than any machine registers before the test sees the first of them.
  const identifiers = 20_000_000
  const bench = place.start('bench', { ...quick, identifiers: `${identifiers}` })
  const node = await nodeOf(bench)
  await recordsAbove(node.url, 1000)
  bench.signal('SIGINT')
  expect(await bench.ended).toMatchObject({ code: exitCodes.invalid, signal: null })

  const { report, files } = await place.report()
  expect(files).toHaveLength(5)
  expect(report.phases).toHaveLength(1)
  const load = report.phases[0] as LoadPhase
  expect(load.valid).toBe(false)
  expect(load.invalidBecause).toEqual([
    expect.stringMatching(/^interrupted after \d+ of 20000000 identifiers$/),
  ])
  expect(load.created).toBeGreaterThan(0)
  expect(load.failed).toBe(0)
  expect(report.verdict).toMatchObject({ passed: false, wrongAnswers: 0 })
  expect(report.verdict.reasons).toContain('partial: interrupted before "traceability at 200/s"')
  expect(isRunning(node.pid)).toBe(false)
  expect(await readdir(place.temporary)).toEqual([])
})

test.each(['SIGINT', 'SIGTERM'] as const)(
  '%s to the whole process group while it drives keeps what was measured, marked partial, and leaves nothing behind',
  async (signal) => {
    await using place = await BenchPlace.create()
    const bench = place.start('bench', { ...quick, identifiers: '2000', 'warm-up': '0', duration: '600' })
    const node = await nodeOf(bench)
    await bench.saw(/traceability at 200\/s: [1-9]\d*\/120000 operations/)
    bench.signalGroup(signal)
    expect(await bench.ended).toMatchObject({ code: exitCodes.invalid, signal: null })

    const { report, files } = await place.report()
    expect(files).toHaveLength(5)
    expect(report.phases.map(({ name }) => name)).toEqual(['load', 'traceability at 200/s'])
    const driven = report.phases[1] as DrivenPhase
    expect(driven.valid).toBe(false)
    expect(driven.invalidBecause).toContain(
      'the run was interrupted: this is what it had measured until then',
    )
    expect(driven.sent).toBeGreaterThan(0)
    expect(driven.due).toBeLessThan(120_000)
    // What was under way is waited for: none is counted as neither answered nor failed.
    expect(driven.operations.reduce((sum, { count }) => sum + count, 0)).toBe(driven.sent)
    expect(report.verdict).toMatchObject({ passed: false, wrongAnswers: 0 })
    expect(report.verdict.reasons).toContain('partial: interrupted before "ceiling"')
    expect(isRunning(node.pid)).toBe(false)
    expect(await readdir(place.temporary)).toEqual([])
  },
)

test('a server that cannot be reached leaves nothing to judge: invalid, in one line that names it', async () => {
  await using place = await BenchPlace.create()
  const target = `http://127.0.0.1:${await freePort()}`
  expect(await place.start('run', { ...quick, target, identifiers: '10' }).ended).toMatchObject({
    code: exitCodes.invalid,
    stderr: expect.stringMatching(`^erji-bench: no Handle HTTP server answers at ${target}: .*\n$`),
  })
})

const stopped = {
  fault: 'stop@0s:500s',
  identifiers: '200',
  rate: '50',
  'warm-up': '0',
  duration: '600',
  'skip-calibration': true,
} as const

test('Ctrl-C while a fault keeps the node stopped ends the run in order, and the node with it', async () => {
  await using place = await BenchPlace.create()
  const bench = place.start('run', stopped)
  const node = await nodeOf(bench)
  await until(async () => isStopped(node.pid))
  bench.signal('SIGINT')
  expect(await bench.ended).toMatchObject({ code: exitCodes.invalid, signal: null })

  const { report } = await place.report()
  const driven = report.phases[1] as DrivenPhase
  expect(driven.faults).toMatchObject([{ kind: 'stop' }])
  expect(driven.faults?.[0]?.untilSeconds).toBeLessThan(500)
  // Nothing was written, so nothing remained to be read again.
  expect(driven.acknowledged?.lost).toBe(0)
  expect(isRunning(node.pid)).toBe(false)
  expect(await readdir(place.temporary)).toEqual([])
})

test('a second Ctrl-C leaves neither a stopped node behind nor its data', async () => {
  await using place = await BenchPlace.create()
  const bench = place.start('run', stopped)
  const node = await nodeOf(bench)
  await until(async () => isStopped(node.pid))
  bench.signal('SIGINT')
  await bench.saw(/again to stop at once/)
  bench.signal('SIGINT')
  // Where the first one was quick enough, the second comes too late.
  expect([130, exitCodes.invalid]).toContain((await bench.ended).code)
  await until(async () => !isRunning(node.pid))
  expect(await readdir(place.temporary)).toEqual([])
})

test('whatever ends the harness ends a node that is stopped', async () => {
  await using place = await BenchPlace.create()
  const script = `
    import { startNode } from ${JSON.stringify(new URL('../../bench/node/node-process.ts', import.meta.url).href)}
    const options = { prefix: '88.118', durability: 'none', cacheBytes: '1MiB', nodeWorkers: 1 }
    const files = { dataDirectory: 'node', secretFile: 'secret' }
    const { pid } = await startNode({ ...options, ...files })
    process.kill(pid, 'SIGSTOP')
    console.log(pid)
    process.exit(1)`
  const given = ['--input-type=module', '--eval', script]
  const { stdout } = spawnSync(process.execPath, given, { cwd: place.temporary, encoding: 'utf8' })
  const pid = Number(stdout)
  expect(pid).toBeGreaterThan(0)
  await until(async () => !isRunning(pid))
})

async function nodeOf(bench: BenchProcess): Promise<{ readonly pid: number; readonly url: string }> {
  const [, pid, url = ''] = await bench.saw(/node (\d+) listens at (http:\S+),/)
  return { pid: Number(pid), url }
}

async function recordsAbove(url: string, least: number): Promise<void> {
  for (;;) {
    const { records } = (await ask(`${url}/api/statistics`)).json()
    if (Number(records) > least) return
    await sleep(20)
  }
}
