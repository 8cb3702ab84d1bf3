/** What `load` and `run` show while they work: to people at a terminal, to logs, to programs, and to nobody. */
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseReport } from '../../bench/report/read-report.ts'
import { type BenchFlags, BenchPlace } from '../support/bench-process.ts'
import { type PlainServer, startPlainHandleServer } from '../support/plain-handle-server.ts'

const identifiers = '200'
const driven = { rate: '50', duration: '2s', 'warm-up': '0s', 'skip-calibration': true } as const

let server: PlainServer
beforeAll(async () => {
  server = await startPlainHandleServer()
})
afterAll(() => server.close())

test('--quiet shows no progress, --json prints the report and nothing else: the one that was written', async () => {
  for (const [command, flags] of [
    ['load', {}],
    ['run', driven],
  ] satisfies [string, BenchFlags][]) {
    await using place = await BenchPlace.create()
    const given = { ...flags, target: server.url, identifiers, quiet: true, json: true } as const
    const { code, stdout, stderr } = await place.start(command, given).ended
    // A generator that was late on a busy machine makes a run invalid (3), and says so in the report.
    expect([0, 3]).toContain(code)
    expect(stderr).toBe('')
    const { report, files } = await place.report()
    expect(parseReport({ text: stdout, file: 'stdout' })).toEqual(report)
    const json = files.find((name) => /^\d{4}-.*\.json$/.test(name)) ?? ''
    expect(JSON.parse(stdout)).toEqual(JSON.parse(await readFile(join(place.results, json), 'utf8')))
  }
}, 60_000)

test('without a terminal a log gets plain lines', async () => {
  await using place = await BenchPlace.create()
  const { stdout, stderr } = await place.start('run', { ...driven, target: server.url, identifiers }).ended
  expect(stderr).toContain('traceability at 50/s …')
  expect(stderr).not.toContain('\u001b')
  expect(stdout).toMatch(/(?:Passed: 0|no) wrong answers/)
}, 60_000)

test('a terminal gets a bar that fills and, under it, the present second, and its cursor back at the end', async () => {
  await using place = await BenchPlace.create()
  const shown = await onTerminal([
    ...['run', '--target', server.url, '--identifiers', identifiers, '--out', place.results],
    ...['--rate', '50', '--duration', '4s', '--warm-up', '0s', '--skip-calibration'],
  ])
  expect(shown).toMatch(/traceability at 50\/s +\S+ \d+% \| \d+\/200 operations \| \d+\/s \| \d+ s left/)
  expect(shown).toMatch(/offered \d+\/s, answered \d+\/s, p50 [\d.]+ \w+, p99 [\d.]+ \w+, failed 0/)
  expect(shown).toMatch(/machine \d\.\d\d cores/)
  const [hidden, back] = ['\u001b[?25l', '\u001b[?25h'].map((code) => shown.lastIndexOf(code))
  expect(hidden).toBeGreaterThan(-1)
  expect(back).toBeGreaterThan(hidden ?? 0)
}, 60_000)

const mainFile = fileURLToPath(new URL('../../bench/main.ts', import.meta.url))

/** What the harness writes to a pseudo-terminal of 160 columns, by `script` of util-linux. */
function onTerminal(flags: readonly string[]): Promise<string> {
  const command = [process.execPath, mainFile, ...flags].map((part) => `'${part}'`).join(' ')
  const child = spawn('script', ['-qec', `stty cols 160 rows 40; ${command}`, '/dev/null'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let shown = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', () => resolve(shown))
  })
}
