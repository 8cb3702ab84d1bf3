import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { exitCodeFor } from '../../../bench/gate/conclude.ts'
import { gateFormats, gateTable, githubAnnotations } from '../../../bench/gate/formats.ts'
import { type GateResult, gateSchemaVersion } from '../../../bench/gate/gate-result.ts'
import { appendHistory, historyTable, readHistory } from '../../../bench/gate/history.ts'

const interval = { ratio: 1.12, low: 1.08, high: 1.16, confidence: 0.95, pairs: 12 }

const result: GateResult = {
  gateSchemaVersion,
  startedAt: '2026-01-02T03:04:05.678Z',
  seconds: 120,
  command: ['erji-bench', 'gate'],
  seed: 42,
  environment: {
    cpuModel: 'example',
    logicalCores: 2,
    memoryBytes: 1,
    kernel: 'Linux',
    runtime: 'Node.js v24',
    commit: 'abc',
    harnessVersion: '0',
  },
  baseline: 'main',
  candidate: '.',
  threshold: 0.05,
  design: 'paired',
  results: [
    { metric: 'cpu', baseline: 100, candidate: 112, interval, verdict: 'regressed', gating: true },
    { metric: 'p50', baseline: 200, candidate: 224, interval, verdict: 'inconclusive', gating: true },
    { metric: 'p99', baseline: 900, candidate: 990, interval, verdict: 'inconclusive', gating: false },
  ],
  repetitions: [],
  verdict: 'regressed',
  reasons: [],
}

test('a terminal, Markdown and metrics all hold the ratio with its bounds', () => {
  for (const text of [gateTable(result), gateFormats.md(result)]) {
    expect(text).toContain('1.120 (95 % interval 1.080 to 1.160, n=12)')
  }
  expect(gateFormats.txt(result)).toContain('erji_gate_ratio_bound{metric="cpu",bound="high"} 1.16\n')
  expect(gateFormats.txt(result)).toMatch(/\n# EOF\n$/)
  expect(JSON.parse(gateFormats.json(result))).toEqual(result)
})

test('JUnit has a failure for a regression, a skipped case for doubt, and nothing for what does not gate', () => {
  const xml = gateFormats.xml(result)
  expect(xml).toContain('tests="2"')
  expect(xml.match(/<failure/g)).toHaveLength(1)
  expect(xml.match(/<skipped/g)).toHaveLength(1)
  expect(xml).toContain('<skipped message="1.120 (95 % interval 1.080 to 1.160, n=12)"/>')
  const invalid = gateFormats.xml({ ...result, verdict: 'invalid', results: [], reasons: ['no <answer>'] })
  expect(invalid).toContain('<error message="no &lt;answer>"')
})

test('GitHub shows a regression as an error and doubt as a warning', () => {
  expect(githubAnnotations(result).split('\n')).toEqual([
    expect.stringMatching(/^::error title=cpu regressed::1\.120/),
    expect.stringMatching(/^::warning title=p50 inconclusive::/),
    '',
  ])
})

test('what should have counted and was not measured is a skipped case with its reason, and a warning', () => {
  const notMeasured = [
    { metric: 'throughput', reason: 'throughput <could> not be "measured" & so on' },
  ] as const
  const partial: GateResult = { ...result, notMeasured, reasons: [notMeasured[0].reason] }
  const xml = gateFormats.xml(partial)
  expect(xml).toContain('tests="3"')
  expect(xml).toContain('<skipped message="throughput &lt;could> not be &quot;measured&quot; &amp; so on"/>')
  expect(githubAnnotations(partial)).toContain('::warning title=throughput not measured::throughput <could>')
  for (const text of [gateTable(partial), gateFormats.md(partial)])
    expect(text).toContain(notMeasured[0].reason)
})

test('no text of a server or of a report becomes a command, a row or a heading of its own', () => {
  const phase = 'a|b, 50%: c'
  const foreign: GateResult = {
    ...result,
    results: result.results.map((row) => ({ ...row, phase })),
    verdict: 'invalid',
    reasons: ['could not be loaded: 100 %\r\n::set-output name=a::b\n# heading\n::error::c'],
  }
  const annotations = githubAnnotations(foreign)
  expect(annotations).toContain('::error title=a|b%2C 50%25%3A c%3A cpu regressed::1.120 (95 %25 interval')
  expect(annotations).toContain('::error title=invalid run::could not be loaded: 100 %25%0D%0A::set-output')
  expect(annotations.split('\n').filter((line) => line.startsWith('::'))).toHaveLength(3)
  for (const text of [gateTable(foreign), gateFormats.md(foreign)]) {
    expect(text).not.toMatch(/^\s*(?:::|# heading)/m)
    expect(text).toContain('could not be loaded: 100 % ::set-output name=a::b # heading ::error::c')
  }
  expect(gateFormats.md(foreign)).toContain('| a\\|b, 50%: c: cpu | 100.0 us |')
})

test('every verdict has its exit code, and doubt the one that was asked for', () => {
  const codeOf = (verdict: GateResult['verdict']) => exitCodeFor({ ...result, verdict }, 7)
  expect(
    ['passed', 'regressed', 'invalid', 'inconclusive'].map((verdict) => codeOf(verdict as never)),
  ).toEqual([0, 1, 3, 7])
})

test('a history tells both sides and the load, and draws a trend for each machine and load', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'erji-history-'))
  try {
    const file = join(directory, 'history.ndjson')
    expect(historyTable([])).toBe('no entries yet')
    // A line of an older version, which knows neither.
    const older = {
      at: 'then',
      commit: 'abc',
      machine: 'old, 1 cores',
      metric: 'cpu',
      baseline: 1,
      candidate: 1,
    }
    await writeFile(
      file,
      `${JSON.stringify({ ...older, ratio: 1, low: 1, high: 1, verdict: 'unchanged' })}\n`,
    )
    const sides = { baseline: `${'0123456789ab'.padEnd(40, 'c')}`, candidate: `${'f'.repeat(40)}+dirty` }
    const at2000 = { ...result, sides, workload: 'traceability at 2000/s over 100000 identifiers' }
    await appendHistory(file, at2000)
    await appendHistory(file, { ...at2000, workload: 'ycsb-a at 9/s over 1 identifiers' })
    await appendHistory(file, { ...at2000, environment: { ...result.environment, logicalCores: 64 } })
    const entries = await readHistory(file)
    expect(entries[1]).toMatchObject({
      baselineSide: sides.baseline,
      candidateSide: sides.candidate,
      threshold: 0.05,
    })
    expect(entries[1]).not.toHaveProperty('commit')
    const table = historyTable(entries)
    expect(table.split('\n\n').map((group) => group.split('\n')[0])).toEqual([
      'old, 1 cores; a workload that is not told',
      'example, 2 cores; traceability at 2000/s over 100000 identifiers',
      'example, 2 cores; ycsb-a at 9/s over 1 identifiers',
      'example, 64 cores; traceability at 2000/s over 100000 identifiers',
    ])
    expect(table).toContain('ffffffffffff+dirty against 0123456789ab  ')
    expect(table).toContain('  then  abc  ')
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a history grows by a line for each metric and names the line that cannot be read', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'erji-history-'))
  try {
    const file = join(directory, 'history.ndjson')
    await appendHistory(file, result)
    await appendHistory(file, { ...result, startedAt: '2026-02-02T00:00:00.000Z' })
    const entries = await readHistory(file)
    expect(entries.map(({ metric }) => metric)).toEqual(['cpu', 'p50', 'p99', 'cpu', 'p50', 'p99'])
    expect(historyTable(entries)).toContain('1.120 [1.080, 1.160]')
    await appendHistory(file, { ...result, verdict: 'invalid', reasons: ['interrupted'] })
    expect(await readHistory(file)).toHaveLength(6)
    await writeFile(file, `${await readFile(file, 'utf8')}{"at":5}\n`)
    await expect(readHistory(file)).rejects.toThrow(`${file} line 7 is no entry of a history: {"at":5}`)
    await expect(readHistory(`${file}.missing`)).rejects.toThrow('cannot read')
  } finally {
    await rm(directory, { recursive: true })
  }
})
