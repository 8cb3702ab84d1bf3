import { execFileSync } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type BenchFlags, BenchPlace } from '../support/bench-process.ts'
import { startPlainHandleServer } from '../support/plain-handle-server.ts'
import { selfSigned } from '../support/self-signed.ts'
import { gateResultOf, smallGate } from '../support/small-gate.ts'

test('a gate of two addresses finds the slower one (1), with every file a CI job wants', async () => {
  await using place = await BenchPlace.create()
  const fast = await startPlainHandleServer()
  const slow = await startPlainHandleServer({ delayMsOf: () => 25 })
  try {
    const flags = { ...smallGate, baseline: fast.url, candidate: slow.url, metrics: 'throughput,p50' }
    const { code, stderr } = await place.start('gate', flags).ended
    expect({ code, stderr }).toMatchObject({ code: 1 })
    const result = await gateResultOf(place)
    expect(result).toMatchObject({ design: 'paired', verdict: 'regressed', baseline: fast.url })
    expect(result.results.find(({ metric }) => metric === 'throughput')).toMatchObject({
      verdict: 'regressed',
    })
    const endings = (await readdir(place.results)).map((name) => name.replace(/^.*\./, ''))
    expect(endings.sort()).toEqual(['json', 'md', 'txt', 'xml'])
  } finally {
    await fast.close()
    await slow.close()
  }
})

test('a gate against a commit measures a work tree of it beside this one and removes it again', async () => {
  await using place = await BenchPlace.create()
  // So wide a threshold that nothing can have regressed: what is left is passed (0), undecided (4) or a late generator (3).
  const flags = {
    ...smallGate,
    identifiers: '100',
    baseline: 'HEAD',
    threshold: '90%',
    metrics: 'throughput',
  }
  const { code, stderr } = await place.start('gate', flags).ended
  expect([0, 3, 4], stderr).toContain(code)
  const result = await gateResultOf(place)
  expect(result).toMatchObject({ design: 'paired', baseline: 'HEAD', candidate: '.' })
  const verdicts = { 0: 'passed', 3: 'invalid', 4: 'inconclusive' } as const
  expect(result.verdict).toBe(verdicts[code as keyof typeof verdicts])
  expect(execFileSync('git', ['worktree', 'list'], { encoding: 'utf8' })).not.toContain(place.temporary)
}, 120_000)

test('servers that signed their certificates themselves are gated where it is told to take any', async () => {
  await using place = await BenchPlace.create()
  const tls = selfSigned()
  const baseline = await startPlainHandleServer({ tls })
  const candidate = await startPlainHandleServer({ tls })
  try {
    const flags = {
      ...smallGate,
      identifiers: '20',
      rate: '20',
      baseline: baseline.url,
      candidate: candidate.url,
      metrics: 'p50',
      threshold: '90%',
    }
    const refused = await place.start('gate', flags).ended
    expect(refused).toMatchObject({ code: 3, stdout: expect.stringContaining('--insecure') })
    const { code, stderr } = await place.start('gate', { ...flags, insecure: true }).ended
    // Undecided (4) or void (3) where the machine is busy, but measured.
    expect([0, 3, 4], stderr).toContain(code)
    const { results, reasons, notMeasured = [] } = await gateResultOf(place)
    if (code === 3) expect(reasons.join()).toContain('generator')
    // In too few turns to say anything of it, it is named as not measured.
    else expect([...results, ...notMeasured].map(({ metric }) => metric)).toContain('p50')
  } finally {
    await baseline.close()
    await candidate.close()
  }
}, 240_000)

test('a finished report is a baseline: of this machine it is compared, of another it is invalid (3), of another schema usage (2)', async () => {
  await using place = await BenchPlace.create()
  const server = await startPlainHandleServer()
  try {
    const common = { identifiers: '200', prefix: '88.118', seed: '42' }
    await place.start('load', { ...common, target: server.url }).ended
    const run = {
      ...common,
      target: server.url,
      rate: '100',
      duration: '8s',
      'warm-up': '0s',
      'skip-calibration': true,
    } as const
    // A generator that was late on a busy machine makes a run invalid (3); the file is what counts here.
    expect([0, 3]).toContain((await place.start('run', run).ended).code)
    const name = (await readdir(place.results)).find((file) => file.endsWith('-traceability.json')) ?? ''
    const file = join(place.temporary, 'baseline.json')
    const report = JSON.parse(await readFile(join(place.results, name), 'utf8'))
    report.verdict = { passed: true, wrongAnswers: 0, reasons: [] }
    await writeFile(file, JSON.stringify(report))
    const gate = (baseline: string, more: BenchFlags = {}) =>
      place.start('gate', { baseline, candidate: server.url, ...more }).ended

    const compared = await gate(file, { 'inconclusive-exit': '0' })
    const result = await gateResultOf(place)
    expect(result).toMatchObject({ design: 'unpaired', baseline: file, candidate: server.url })
    const codes = { passed: 0, regressed: 1, invalid: 3, inconclusive: 0 } as const
    expect(compared.code).toBe(codes[result.verdict])
    // A busy machine makes the generator late, and nothing else may void the comparison.
    const others = result.reasons.filter((reason) => !/^the candidate did not pass: .*generator/.test(reason))
    expect(others).toEqual([])
    const metrics = result.results.map(({ phase, metric }) => `${phase}: ${metric}`)
    expect(metrics).toEqual(
      result.verdict === 'invalid'
        ? []
        : ['traceability at 100/s: served', 'traceability at 100/s: p50', 'traceability at 100/s: p99'],
    )

    const unreachable = await place.start('gate', { baseline: file, candidate: 'http://127.0.0.1:1' }).ended
    expect(unreachable.code).toBe(3)
    expect(unreachable.stdout).toMatch(/127\.0\.0\.1:1[\s\S]*INVALID/)

    const cpu = await gate(file, { metrics: 'cpu,p50' })
    expect({ code: cpu.code, stderr: cpu.stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--metrics is "cpu,p50"; expected some of served, p50, p99'),
    })

    const elsewhere = join(place.temporary, 'elsewhere.json')
    const environment = { ...report.environment, cpuModel: 'Other CPU' }
    await writeFile(elsewhere, JSON.stringify({ ...report, environment }))
    const other = await gate(elsewhere)
    expect(other.code).toBe(3)
    expect(other.stdout).toContain('environment.cpuModel differs: "Other CPU" in the baseline')

    const older = join(place.temporary, 'older.json')
    await writeFile(older, JSON.stringify({ ...report, schemaVersion: 0 }))
    const refused = await gate(older)
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('schemaVersion 0; this program reads versions 1 to 2')
  } finally {
    await server.close()
  }
})
