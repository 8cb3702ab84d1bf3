import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test, vi } from 'vitest'
import { createCommandLine, performers } from '../../../bench/commands/command-line.ts'
import { shippedTraces } from '../../../bench/workload/traces/index.ts'

const directory = mkdtempSync(join(tmpdir(), 'erji-curve-'))
afterAll(() => rmSync(directory, { recursive: true }))
const web07 = fileURLToPath(shippedTraces.web07)

test('a curve is written as CSV, JSON and a page, and never rises', async () => {
  const printed = await run(['curve', web07, '--points', '50', '--out', directory])
  expect(printed).toContain('lru, exact, 76,118 requests')
  const csv = readdirSync(directory).find((name) => name.endsWith('.csv')) ?? ''
  const [, ...lines] = readFileSync(join(directory, csv), 'utf8').trim().split('\n')
  const ratios = lines.map((line) => Number(line.split(',')[9]))
  expect(lines.map((line) => Number(line.split(',')[8]))).toEqual(
    ratios.map((ratio) => Math.round(ratio * 76_118)),
  )
  expect(ratios).toHaveLength(50)
  expect(ratios.at(-1)).toBeCloseTo(20_484 / 76_118)
  expect(ratios.every((ratio, index) => index === 0 || ratio <= (ratios[index - 1] ?? 1))).toBe(true)
  expect(readdirSync(directory).map((name) => name.split('.')[1])).toEqual(['csv', 'html', 'json'])
})

test('an estimate tells its sample and its error, and warns of a small sample', async () => {
  const flags = ['--method', 'shards', '--rate', '0.01', '--compare', '--salts', '3', '--out', directory]
  const printed = await run(['curve', web07, ...flags])
  expect(printed).toMatch(/202 objects and 1,345 requests sampled/)
  expect(printed).toMatch(/standard deviation between samples 0\.\d+/)
  expect(printed).toMatch(/mean absolute error against the exact curve 0\.\d+/)
  expect(printed).toContain('below 1000 the estimate is too noisy to be quoted')
})

test('a curve is made again and compared point by point', async () => {
  const out = mkdtempSync(join(directory, 'again-'))
  const flags = ['--method', 'minisim', '--policies', 'lru,clock:bits=2', '--rate', '0.1', '--salts', '2']
  await run(['curve', web07, 'generated:zipfian,objects=400,requests=5000', ...flags, '--out', out])
  const file = join(out, readdirSync(out).find((name) => name.endsWith('.json')) ?? '')
  expect(await run(['reproduce', file])).toContain('6 of 6 came out the same')
  const report = JSON.parse(readFileSync(file, 'utf8'))
  report.traces[0].curves[1].missRatios[3] += 1e-9
  writeFileSync(file, JSON.stringify(report))
  expect(await run(['reproduce', file])).toContain('DIFFERENT')
})

test('only minisim takes other policies', async () => {
  await expect(run(['curve', web07, '--policies', 'sieve'])).rejects.toThrow('expected lru alone')
  const flags = [
    '--method',
    'minisim',
    '--policies',
    'sieve',
    '--rate',
    '0.2',
    '--points',
    '5',
    '--salts',
    '2',
  ]
  expect(await run(['curve', web07, ...flags, '--out', directory])).toContain('sieve, minisim')
})

test('the statistics of a trace are printed for people and for programs', async () => {
  expect(await run(['trace', 'info', web07])).toContain('one-hit wonders    11,066, 54.02 % of the objects')
  const { facts, statistics } = JSON.parse(await run(['trace', 'info', web07, '--json']))
  expect(facts).toMatchObject({ format: 'oracleGeneral', requests: 76_118 })
  expect(statistics.workingSet).toHaveLength(100)
})

async function run(words: readonly string[]): Promise<string> {
  let printed = ''
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  const context = {
    command: ['erji-bench', ...words],
    signal: new AbortController().signal,
    stream: process.stderr,
  }
  try {
    await createCommandLine(context, { performers, done: () => undefined }).parseAsync([
      'node',
      'erji-bench',
      ...words,
    ])
  } finally {
    written.mockRestore()
  }
  return printed
}
