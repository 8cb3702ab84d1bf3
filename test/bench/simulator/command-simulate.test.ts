import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parquetReadObjects } from 'hyparquet'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { UsageError } from '../../../bench/cli/flags.ts'
import { createCommandLine, performers } from '../../../bench/commands/command-line.ts'
import { seedIntervals } from '../../../bench/simulator/seed-intervals.ts'
import { simulate } from '../../../bench/simulator/simulate.ts'
import type { SimulationReport } from '../../../bench/simulator/simulation-report.ts'
import { shippedTraces } from '../../../bench/workload/traces/index.ts'
import { loadDenseTrace } from '../../../bench/workload/traces/load-dense-trace.ts'

const directory = mkdtempSync(join(tmpdir(), 'erji-simulate-'))
afterAll(() => rmSync(directory, { recursive: true }))
const web07 = fileURLToPath(shippedTraces.web07)

describe('simulate', () => {
  let report: SimulationReport
  let stem: string
  beforeAll(async () => {
    const flags = ['--policies', 'fifo,clock:bits=2,belady', '--sizes', '1%,10%,1000', '--warm-up', '0.2']
    const { code, printed } = await run(['simulate', web07, ...flags, '--threads', '2', '--parquet'])
    expect(code).toBe(0)
    expect(printed).toContain('clock:bits=2')
    expect(printed).toContain('Fewer misses than FIFO')
    const json = readdirSync(directory).find((name) => name.endsWith('.json')) ?? ''
    stem = join(directory, json.slice(0, -'.json'.length))
    report = JSON.parse(readFileSync(`${stem}.json`, 'utf8'))
  })

  test('every policy at every size has the misses of a run of its own, whichever thread made them', async () => {
    const { trace } = await loadDenseTrace(shippedTraces.web07)
    expect(report.rows).toHaveLength(9)
    for (const row of report.rows) {
      const { capacity, unit, parameters } = row
      const alone = simulate(row.policy as 'fifo', trace, { capacity, unit, parameters, warmUpFraction: 0.2 })
      expect([row.label, row.size, row.misses]).toEqual([row.label, row.size, alone.misses])
      expect(row.missRatio).toBe(row.misses / row.requests)
      expect(row.series.reduce((sum, { misses }) => sum + misses, 0)).toBe(row.misses)
    }
    expect(report.rows[0]).toMatchObject({ requests: 76_118 - 15_223, capacity: 204, unit: 'bytes' })
  })

  test('the manifest says what it takes to make the result again', () => {
    expect(report).toMatchObject({
      settings: { seed: 42, warmUpFraction: 0.2, ignoreObjectSize: false },
      traces: [{ format: 'oracleGeneral', requests: 76_118, objects: 20_484, sha256: /^[0-9a-f]{64}$/ }].map(
        (trace) => ({ ...trace, sha256: expect.stringMatching(trace.sha256) }),
      ),
      environment: { runtime: `Node.js ${process.version}` },
    })
    expect(report.command[0]).toBe('erji-bench')
  })

  test('the time series is a CSV of its own whose windows add up to the rows', () => {
    const [, ...lines] = readFileSync(`${stem}-series.csv`, 'utf8').trim().split('\n')
    expect(lines).toHaveLength(9 * 20)
    const sum = lines.reduce((total, line) => total + Number(line.split(',')[9]), 0)
    expect(sum).toBe(report.rows.reduce((total, { misses }) => total + misses, 0))
  })

  test('CSV and Parquet hold the same whole numbers of misses', async () => {
    const [header = '', ...lines] = readFileSync(`${stem}.csv`, 'utf8').trim().split('\n')
    const column = header.split(',').indexOf('misses')
    const misses = report.rows.map((row) => row.misses)
    expect(lines.map((line) => Number(line.split(',')[column]))).toEqual(misses)
    const bytes = readFileSync(`${stem}.parquet`)
    const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
    const rows = await parquetReadObjects({ file })
    expect(rows.map((row) => row.misses)).toEqual(misses.map(BigInt))
  })

  test('the page stands alone', () => {
    const page = readFileSync(`${stem}.html`, 'utf8')
    expect(page).toContain('data-curves="0"')
    expect(page).toContain("default-src 'none'")
    expect(page).not.toMatch(/(?:src|href)="http/)
  })

  test('reproduce says that each number came out the same, or which did not', async () => {
    const same = await run(['reproduce', `${stem}.json`])
    expect(same.code).toBe(0)
    expect(same.printed).toContain('10 of 10 came out the same')
    const [first, ...rest] = report.rows
    const changed = join(directory, 'changed.json')
    writeFileSync(changed, JSON.stringify({ ...report, rows: [{ ...first, misses: 1 }, ...rest] }))
    const different = await run(['reproduce', changed])
    expect(different.code).toBe(1)
    expect(different.printed).toMatch(/DIFFERENT .*fifo 1%: misses 1 then, \d+ now/)
  })
})

test('generated traces are drawn with every seed, and what came of them stands in an interval', async () => {
  const out = mkdtempSync(join(tmpdir(), 'erji-seeds-'))
  try {
    const operand = 'generated:zipfian,objects=500,requests=20k,exponent=0.8'
    const flags = ['--policies', 'fifo,lru', '--sizes', '10%', '--seeds', '4', '--out', out]
    const { printed } = await run(['simulate', operand, ...flags])
    expect(printed).toContain('Miss ratio over the seeds')
    const name = readdirSync(out).find((file) => file.endsWith('.json')) ?? ''
    const report: SimulationReport = JSON.parse(readFileSync(join(out, name), 'utf8'))
    expect(report.traces.map(({ file }) => file)).toEqual(
      [42, 43, 44, 45].map((seed) => `${operand},seed=${seed}`),
    )
    for (const { label, seeds, meanMissRatio, low, high } of seedIntervals(report)) {
      const ratios = report.rows.filter((row) => row.label === label).map(({ missRatio }) => missRatio)
      expect(seeds).toBe(4)
      expect(meanMissRatio).toBeCloseTo(ratios.reduce((sum, ratio) => sum + ratio, 0) / 4, 12)
      expect(low).toBeGreaterThanOrEqual(Math.min(...ratios))
      expect(high).toBeLessThanOrEqual(Math.max(...ratios))
      expect(low).toBeLessThan(high)
    }
    expect((await run(['reproduce', join(out, name)])).code).toBe(0)
  } finally {
    rmSync(out, { recursive: true })
  }
})

test('policies that draw lots are run with every seed over a recorded trace, others once', async () => {
  const out = mkdtempSync(join(tmpdir(), 'erji-lots-'))
  try {
    const flags = ['--policies', 'fifo,random', '--sizes', '1%', '--seeds', '3', '--out', out]
    await run(['simulate', web07, ...flags])
    const name = readdirSync(out).find((file) => file.endsWith('.json')) ?? ''
    const report: SimulationReport = JSON.parse(readFileSync(join(out, name), 'utf8'))
    const random = report.rows.filter(({ label }) => label === 'random')
    expect(random.map(({ seed }) => seed)).toEqual([undefined, 43, 44])
    expect(new Set(random.map(({ misses }) => misses)).size).toBeGreaterThan(1)
    expect(report.rows.filter(({ label }) => label === 'fifo')).toHaveLength(1)
    expect((await run(['reproduce', join(out, name)])).code).toBe(0)
  } finally {
    rmSync(out, { recursive: true })
  }
})

test('a trace longer than memory comes to the same numbers and leaves no file behind', async () => {
  const out = mkdtempSync(join(tmpdir(), 'erji-spilled-'))
  vi.stubEnv('TMPDIR', out)
  try {
    const reports = []
    for (const requestsInMemory of ['1000', '100k']) {
      const { printed } = await run([
        ...['simulate', web07, 'generated:zipfian,objects=3000,requests=9000', '--sizes', '1%,500'],
        ...['--policies', 'lru,s3-fifo', '--requests-in-memory', requestsInMemory, '--warm-up', '0.1'],
        ...['--json', '--out', join(out, 'results')],
      ])
      const report: SimulationReport = JSON.parse(printed.slice(0, printed.lastIndexOf('}') + 1))
      const rows = report.rows.map(({ nsPerRequest: _ns, ...row }) => row)
      reports.push({ rows, traces: report.traces })
    }
    expect(reports[0]).toEqual(reports[1])
    expect(readdirSync(out)).toEqual(['results'])
  } finally {
    vi.unstubAllEnvs()
    rmSync(out, { recursive: true })
  }
})

describe('what cannot be simulated is a usage error', () => {
  test.each([
    [['--sizes', '1%', '--policies', 'belady', '--requests-in-memory', '1000'], 'raise --requests-in-memory'],
    [['--sizes', '0.001%'], 'holds nothing'],
    [['--sizes', '1GiB', '--ignore-obj-size'], 'counts bytes'],
    [['--sizes', '1%', '--policies', 'belady', '--ttl', '5s'], 'knows the next use'],
    [['--sizes', '1%', '--policies', 'mru'], '"mru" is no policy'],
    [['generated:zipf,objects=5,requests=9', '--sizes', '1'], '"zipf" is no distribution'],
    [
      ['generated:ycsb-zipfian,objects=5,requests=9,exponent=2', '--sizes', '1'],
      'exponent is "2"; expected 0.99',
    ],
    [['generated:zipfian,objects=5', '--sizes', '1'], 'needs objects= and requests='],
    [['--sizes', 'all'], '"all" is no size'],
    [['--sizes', '1%', '--format', 'csv'], 'obj-id-col'],
    [['--sizes', '1%', '--trace-type-params', 'nonsense'], 'expected parameters'],
    [['--sizes', '1%', '--warm-up', '1'], 'a share above 0 and below 1'],
    [['--sizes', '1%', '--format', 'u32', '--ttl', '5s'], 'no times'],
  ])('%j', async (flags, message) => {
    await expect(run(['simulate', web07, ...flags])).rejects.toThrow(message)
    await expect(run(['simulate', web07, ...flags])).rejects.toBeInstanceOf(UsageError)
  })

  test('a file that is no result cannot be reproduced', async () => {
    const file = join(directory, 'other.json')
    writeFileSync(file, '{}')
    await expect(run(['reproduce', file])).rejects.toThrow('no result of erji-bench simulate or curve')
  })
})

test('a sweep that is told to stop leaves nothing behind', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'erji-stopped-'))
  try {
    const { code } = await run(['simulate', web07, '--sizes', '1%', '--out', empty], AbortSignal.abort())
    expect(code).toBe(3)
    expect(readdirSync(empty)).toEqual([])
  } finally {
    rmSync(empty, { recursive: true })
  }
})

async function run(
  words: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<{ code: number | undefined; printed: string }> {
  let code: number | undefined
  let printed = ''
  const written = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    printed += String(text)
    return true
  })
  const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const context = { command: ['erji-bench', ...words], signal, stream: process.stderr }
  const line = createCommandLine(context, { performers, done: (exitCode) => (code = exitCode) })
  const out = words[0] === 'simulate' && !words.includes('--out') ? ['--out', directory] : []
  try {
    await line.parseAsync(['node', 'erji-bench', ...words, ...out])
  } finally {
    written.mockRestore()
    told.mockRestore()
  }
  return { code, printed }
}
