import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runRun } from '../../bench/commands/run.ts'
import { runFlags } from '../../bench/commands/run-options.ts'
import { FaultyNode } from '../../bench/fault/faulty-node.ts'
import { parseReport } from '../../bench/report/read-report.ts'
import type { DrivenPhase } from '../../bench/report/report.ts'
import { exitCodes } from '../../bench/report/verdict.ts'
import { basicAuthorization } from '../../bench/target/handle-path.ts'
import { ask } from '../support/ask.ts'
import { isStopped } from '../support/is-stopped.ts'
import { until } from '../support/until.ts'

test('a node killed and stopped under load recovers, and loses nothing that it acknowledged', async () => {
  const { code, phase, wrongAnswers } = await runBroken({
    fault: ['stop@2s:1s', 'slow-disk@3500ms:3s', 'kill@4s', 'resets@9s:500ms'],
    preset: 'registration-heavy',
    rate: '300',
    duration: '14s',
  })
  // A machine that is busy with other things may make the generator late: then the figures are void, not the answers.
  expect([0, 3]).toContain(code)
  expect(wrongAnswers).toBe(0)
  expect(phase.faults?.map(({ kind }) => kind)).toEqual(['stop', 'slow-disk', 'kill', 'resets'])
  const [stop, slow, kill] = phase.faults ?? []
  // Killed while its disk is slow, not after that.
  expect(kill?.fromSeconds).toBeLessThan(slow?.untilSeconds ?? 0)
  expect(kill?.lowestServedShare).toBeLessThan(1)
  // A machine so busy that the generator was late may take longer to start the node again than the load lasts.
  if (code === exitCodes.passed) expect(kill?.recoveredAfterSeconds).toBeGreaterThan(0)
  expect(stop?.worstP99Ns).toBeGreaterThan(500e6)
  expect(phase.acknowledged?.checked).toBeGreaterThan(500)
  expect(phase.acknowledged?.lost).toBe(0)
  expect(phase.errorBudget?.allowedShare).toBe(0.0001)
  expect(phase.errorBudget?.spentShare).toBeGreaterThan(1)
}, 120_000)

test('a full disk, a slow one, a dying worker and a jumping clock cost time and refusals, never an answer or a write', async () => {
  const { code, phase, wrongAnswers, calibration } = await runBroken({
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
    skipCalibration: false,
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
  expect(calibration?.echoPerSecond).toBeGreaterThan(0)
  expect(phase.errorBudget).toMatchObject({ allowedShare: 0.5 })
  expect(phase.errorBudget?.spentShare).toBeLessThan(1)
}, 120_000)

test('slow clients that hold connections keep nobody else from being served', async () => {
  const { code, phase, wrongAnswers } = await runBroken({
    fault: 'slow-clients@1s:2s',
    preset: 'traceability',
    rate: '100',
    duration: '5s',
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

test('a node that does not recover within the time asked for fails the run', async () => {
  const { code, reasons } = await runBroken({
    fault: ['stop@2s:2s'],
    rate: '50',
    duration: '8s',
    recoverWithin: '1s',
  })
  expect(code).toBe(exitCodes.failed)
  expect(reasons).toContainEqual(expect.stringMatching(/: stop from [\d.]+ s: .*; expected within 1 s$/))
}, 60_000)

test('a worker can only die where another one is left', async () => {
  await expect(runBroken({ fault: ['worker-death@1s'] })).rejects.toThrow(
    '--node-workers is "1"; expected 2 or more',
  )
})

test('a worker told to die does, and another one takes its place', async () => {
  await using broken = await startBroken({ nodeWorkers: 2 })
  const { node } = broken
  const restarts = async () => (await ask(`${node.url}/api/statistics`)).json().workerRestarts
  expect(await restarts()).toBe(0)
  await node.killWorker(never)
  await until(async () => (await restarts()) === 1)
})

test('where no worker is left to take the order to die, that is an error and not a fault that happened', async () => {
  await using broken = await startBroken({ nodeWorkers: 2 })
  const { node } = broken
  const paused = new AbortController()
  const pause = node.pause({ lastsSeconds: 3600, signal: paused.signal })
  // A thread that still runs might take the order.
  await until(async () => isStopped(node.pid))
  await expect(node.killWorker(never)).rejects.toThrow('no worker of the node died within')
  paused.abort()
  await pause
})

test('what is written after a jump of the clock carries the moved time', async () => {
  await using broken = await startBroken({ nodeWorkers: 1 })
  const { node } = broken
  const hourSeconds = 3600
  const aheadSeconds = async () => (await broken.writtenAtSeconds()) - Date.now() / 1000
  expect(Math.abs(await aheadSeconds())).toBeLessThan(hourSeconds / 2)
  await node.moveClock(hourSeconds)
  await until(async () => (await aheadSeconds()) > hourSeconds / 2)
  await node.moveClock(-hourSeconds)
  await until(async () => (await aheadSeconds()) < -hourSeconds / 2)
})

test('a node killed while its disk is full is started until it has room, and serves', async () => {
  await using broken = await startBroken({ nodeWorkers: 1, diskBytes: 512 * 2 ** 20 })
  const { node } = broken
  await broken.writtenAtSeconds()
  const full = node.fillDisk({ lastsSeconds: 5, signal: never })
  await node.killAndRestart()
  await full
  await until(async () => (await broken.writtenAtSeconds()) > 0)
})

const never = new AbortController().signal

/** A node to be broken, and a write to it: it tells the time that the record was given, or NaN where it was refused. */
async function startBroken(shape: { readonly nodeWorkers: number; readonly diskBytes?: number }) {
  const directory = await mkdtemp(join(tmpdir(), 'erji-faults-'))
  const secretFile = join(directory, 'secret')
  const node = await FaultyNode.start({
    ...shape,
    dataDirectory: join(directory, 'node'),
    ordersDirectory: join(directory, 'orders'),
    secretFile,
    prefix: '88.118',
    durability: 'sync',
    cacheBytes: '1MiB',
  })
  let writes = 0
  return {
    node,
    async writtenAtSeconds(): Promise<number> {
      const secret = await readFile(secretFile, 'utf8')
      const authorization = basicAuthorization({ user: '300:88.118/ADMIN', secret: secret.trim() })
      const url = `${node.url}/api/handles/88.118/written-${writes++}`
      const body = [{ index: 1, type: 'URL', data: 'http://127.0.0.1/' }]
      const { status } = await ask(url, { method: 'PUT', authorization, body })
      if (status !== 201) return Number.NaN
      const { values } = (await ask(url)).json() as { values: readonly { readonly timestamp: string }[] }
      return Date.parse(values[0]?.timestamp ?? '') / 1000
    },
    async [Symbol.asyncDispose]() {
      await node.stop()
      await rm(directory, { recursive: true })
    },
  }
}

async function runBroken(given: Readonly<Record<string, string | boolean | readonly string[]>>) {
  const out = await mkdtemp(join(tmpdir(), 'erji-faults-'))
  try {
    const standard = { identifiers: '2000', warmUp: '500ms', timeout: '5s', skipCalibration: true }
    const flags = runFlags.parse({ ...standard, ...given, out })
    const signal = new AbortController().signal
    const code = await runRun(flags, { command: ['run'], signal, stream: process.stderr })
    const file = (await readdir(out)).find((name) => name.endsWith('.json')) ?? ''
    const report = parseReport({ text: await readFile(join(out, file), 'utf8'), file })
    const phase = report.phases.at(-1) as DrivenPhase
    const { calibration, verdict } = report
    return { code, phase, calibration, wrongAnswers: verdict.wrongAnswers, reasons: verdict.reasons }
  } finally {
    await rm(out, { recursive: true })
  }
}
