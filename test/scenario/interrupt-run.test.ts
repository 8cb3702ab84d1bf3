import { readdir } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { DrivenPhase, LoadPhase } from '../../bench/report/report.ts'
import { exitCodes } from '../../bench/verdict.ts'
import { ask } from '../support/ask.ts'
import { BenchPlace, type BenchProcess, isRunning } from '../support/bench-process.ts'

const quick = { rate: '200', 'skip-calibration': true } as const

test('interrupted while it loads, it ends by itself with a partial report and leaves nothing behind', async () => {
  await using place = await BenchPlace.create()
  // More than any machine registers before the test sees the first of them.
  const identifiers = 20_000_000
  const bench = place.start('bench', { ...quick, identifiers: `${identifiers}` })
  const node = await nodeOf(bench)
  await recordsAbove(node.url, 1000)
  bench.signal('SIGINT')
  expect(await bench.ended).toMatchObject({ code: exitCodes.failed, signal: null })

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
    expect(await bench.ended).toMatchObject({ code: exitCodes.failed, signal: null })

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
