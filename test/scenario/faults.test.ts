import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runFlags } from '../../bench/command-options.ts'
import { runRun } from '../../bench/command-run.ts'
import { parseReport } from '../../bench/report/read-report.ts'
import type { DrivenPhase } from '../../bench/report/report.ts'

test('a node killed and stopped under load recovers, and loses nothing that it acknowledged', async () => {
  const { code, phase, wrongAnswers } = await runBroken({
    fault: ['kill@3s', 'stop@7s:1s', 'resets@9s:500ms'],
    preset: 'registration-heavy',
    rate: '300',
    duration: '13s',
  })
  // A machine that is busy with other things may make the generator late: then the figures are void, not the answers.
  expect([0, 3]).toContain(code)
  expect(wrongAnswers).toBe(0)
  expect(phase.faults?.map(({ kind }) => kind)).toEqual(['kill', 'stop', 'resets'])
  const [kill, stop] = phase.faults ?? []
  expect(kill?.lowestServedShare).toBeLessThan(1)
  expect(kill?.recoveredAfterSeconds).toBeGreaterThan(0)
  expect(stop?.worstP99Ns).toBeGreaterThan(500e6)
  expect(phase.acknowledged?.checked).toBeGreaterThan(500)
  expect(phase.acknowledged?.lost).toBe(0)
  expect(phase.errorBudget?.allowedShare).toBe(0.0001)
  expect(phase.errorBudget?.spentShare).toBeGreaterThan(1)
}, 120_000)

test('a full disk, a slow one, a dying worker and a jumping clock cost time and refusals, never an answer or a write', async () => {
  const { code, phase, wrongAnswers } = await runBroken({
    fault: [
      'full-disk@1s:1500ms',
      'slow-disk@4s:1s',
      'worker-death@6s',
      'clock-forward@7s:1h',
      'clock-back@8s:2h',
    ],
    nodeWorkers: '2',
    preset: 'life-cycle',
    rate: '200',
    duration: '10s',
    objective: 'errors<50%',
  })
  expect([0, 3]).toContain(code)
  expect(wrongAnswers).toBe(0)
  const kinds = ['full-disk', 'slow-disk', 'worker-death', 'clock-forward', 'clock-back']
  expect(phase.faults?.map(({ kind }) => kind)).toEqual(kinds)
  const busy = phase.operations.filter(({ outcome }) => outcome === 'busy')
  // Only writes are refused while the disk is full, and some were due meanwhile.
  expect(busy.length).toBeGreaterThan(0)
  for (const { operation } of busy) expect(operation).toMatch(/^(?:register|value-|delete)/)
  const slowest = Math.max(...phase.operations.map(({ serviceTime }) => serviceTime.maxNs))
  expect(slowest).toBeGreaterThan(50e6)
  expect(phase.acknowledged?.checked).toBeGreaterThan(20)
  expect(phase.acknowledged?.lost).toBe(0)
  expect(phase.errorBudget).toMatchObject({ allowedShare: 0.5 })
  expect(phase.errorBudget?.spentShare).toBeLessThan(1)
}, 120_000)

test('slow clients that hold connections keep nobody else from being served', async () => {
  const { code, phase, wrongAnswers } = await runBroken({
    fault: 'slow-clients@1s:2s',
    preset: 'traceability',
    rate: '100',
    duration: '4s',
  })
  expect([0, 3]).toContain(code)
  expect(wrongAnswers).toBe(0)
  expect(phase.faults).toMatchObject([{ kind: 'slow-clients' }])
  const { fromSeconds = 0, untilSeconds = 0, lowestServedShare = 0 } = phase.faults?.[0] ?? {}
  expect(untilSeconds - fromSeconds).toBeGreaterThan(1.9)
  expect(lowestServedShare).toBeGreaterThan(0)
  expect(phase.operations.filter(({ outcome }) => outcome !== 'ok')).toEqual([])
  expect(phase.acknowledged).toMatchObject({ lost: 0 })
}, 60_000)

test('a worker can only die where another one is left', async () => {
  await expect(runBroken({ fault: ['worker-death@1s'] })).rejects.toThrow(
    '--node-workers is "1"; expected 2 or more',
  )
})

async function runBroken(given: Readonly<Record<string, string | readonly string[]>>) {
  const out = await mkdtemp(join(tmpdir(), 'erji-faults-'))
  try {
    const flags = runFlags.parse({ identifiers: '2000', warmUp: '500ms', timeout: '5s', ...given, out })
    const signal = new AbortController().signal
    const code = await runRun(flags, { command: ['run'], signal, stream: process.stderr })
    const file = (await readdir(out)).find((name) => name.endsWith('.json')) ?? ''
    const report = parseReport({ text: await readFile(join(out, file), 'utf8'), file })
    const phase = report.phases.at(-1) as DrivenPhase
    return { code, phase, wrongAnswers: report.verdict.wrongAnswers }
  } finally {
    await rm(out, { recursive: true })
  }
}
