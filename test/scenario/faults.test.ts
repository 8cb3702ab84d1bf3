import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFlags } from '../../bench/command-options.ts'
import { runRun } from '../../bench/command-run.ts'
import { parseReport } from '../../bench/report/read-report.ts'
import type { OpenLoopPhase } from '../../bench/report/report.ts'

test('a node killed and stopped under load recovers, and loses nothing that it acknowledged', async () => {
  const out = await mkdtemp(join(tmpdir(), 'erji-faults-'))
  try {
    const flags = runFlags.parse({
      fault: ['kill@3s', 'stop@7s:1s', 'resets@9s:500ms'],
      identifiers: '2000',
      preset: 'registration-heavy',
      rate: '300',
      duration: '13s',
      warmUp: '500ms',
      timeout: '5s',
      out,
    })
    const signal = new AbortController().signal
    const code = await runRun(flags, { command: ['run'], signal, stream: process.stderr })
    const file = (await readdir(out)).find((name) => name.endsWith('.json')) ?? ''
    const report = parseReport({ text: await readFile(join(out, file), 'utf8'), file })
    // A machine that is busy with other things may make the generator late: then the figures are void, not the answers.
    expect([0, 3]).toContain(code)
    expect(report.verdict.wrongAnswers).toBe(0)
    const phase = report.phases.at(-1) as OpenLoopPhase
    expect(phase.faults?.map(({ kind }) => kind)).toEqual(['kill', 'stop', 'resets'])
    const [kill, stop] = phase.faults ?? []
    expect(kill?.lowestServedShare).toBeLessThan(1)
    expect(kill?.recoveredAfterSeconds).toBeGreaterThan(0)
    expect(stop?.worstP99Ns).toBeGreaterThan(500e6)
    expect(phase.acknowledged?.checked).toBeGreaterThan(500)
    expect(phase.acknowledged?.lost).toBe(0)
  } finally {
    await rm(out, { recursive: true })
  }
}, 120_000)
