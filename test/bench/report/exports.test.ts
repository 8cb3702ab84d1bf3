import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { HistogramLogReader } from 'hdr-histogram-js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { LatencyHistogram } from '../../../bench/measure/latency-histogram.ts'
import { formatHlog } from '../../../bench/report/hlog.ts'
import type { DrivenPhase } from '../../../bench/report/report.ts'
import { writeReport } from '../../../bench/report/write-report.ts'
import { exampleReport } from '../../support/example-report.ts'

/** What the parsers of others read in the files. */
type Read = {
  readonly families: readonly {
    readonly name: string
    readonly type: string
    readonly samples: readonly (readonly [name: string, labels: Record<string, string>, value: number])[]
  }[]
  readonly intervals: readonly {
    readonly tag: string
    readonly start: number
    readonly length: number
    readonly count: number
    readonly p99: number
  }[]
}

const python = fileURLToPath(new URL('../../../.venv/bin/python', import.meta.url))
const script = fileURLToPath(new URL('../../support/read-exports.py', import.meta.url))
const phase = exampleReport().phases[1] as DrivenPhase

describe('what the harness writes for other tools', () => {
  let directory: string
  let read: Read

  beforeAll(async () => {
    if (!existsSync(python))
      throw new Error('run "npm run install:test-tools", which puts the parsers into .venv')
    directory = await mkdtemp(join(tmpdir(), 'erji-exports-'))
    const { openMetrics, hlog } = await writeReport({ report: exampleReport(), directory })
    read = await readBy(openMetrics, hlog)
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  test('the parser of the Prometheus client reads every operation with its count, sum and buckets', () => {
    const latency = read.families.find(({ name }) => name === 'erji_bench_latency_seconds')
    expect(latency?.type).toBe('histogram')
    for (const { operation, outcome, count, latency: histogram } of phase.operations) {
      const own = latency?.samples.filter(
        ([, labels]) => labels.operation === operation && labels.outcome === outcome,
      )
      const sampleOf = (ending: string, le?: string) =>
        own?.find(([name, labels]) => name.endsWith(ending) && (le === undefined || labels.le === le))?.[2]
      expect(sampleOf('_count')).toBe(count)
      expect(sampleOf('_bucket', '+Inf')).toBe(count)
      expect(sampleOf('_sum')).toBeCloseTo((histogram.meanNs * count) / 1e9, 6)
      const below = own?.filter(([name]) => name.endsWith('_bucket')).map(([, , value]) => value) ?? []
      expect(below).toEqual(below.toSorted((left, right) => left - right))
    }
    const achieved = read.families.find(({ name }) => name === 'erji_bench_achieved_per_second')
    expect(achieved?.samples.map(([, labels]) => labels.phase)).toEqual(
      exampleReport().phases.map(({ name }) => name),
    )
  })

  test('faults, lost writes and the error budget are there, a fault that was not survived without a time', async () => {
    const report = exampleReport()
    const effect = { kind: 'kill', fromSeconds: 2, untilSeconds: 3.5, observed: true }
    const faults = [
      { ...effect, lowestServedShare: 0.25, worstP99Ns: 1.5e9, recoveredAfterSeconds: 4 },
      { ...effect, lowestServedShare: 0, worstP99Ns: 2e9 },
      { ...effect, observed: false },
    ]
    const told = {
      ...phase,
      faults,
      acknowledged: { checked: 90, lost: 2, unread: 8 },
      errorBudget: { allowedShare: 0.0007, failed: 7, spentShare: 1.25 },
    }
    const { openMetrics, hlog } = await writeReport({ report: { ...report, phases: [told] }, directory })
    const { families } = await readBy(openMetrics, hlog)
    const valuesOf = (name: string) =>
      families
        .find((family) => family.name === `erji_bench_${name}`)
        ?.samples.map(([, { fault, number }, value]) =>
          fault === undefined ? value : [fault, number, value],
        )
    expect(valuesOf('acknowledged_writes_checked')).toEqual([90])
    expect(valuesOf('acknowledged_writes_lost')).toEqual([2])
    expect(valuesOf('acknowledged_writes_unread')).toEqual([8])
    expect(valuesOf('error_budget_allowed_ratio')).toEqual([0.0007])
    expect(valuesOf('error_budget_spent_ratio')).toEqual([1.25])
    expect(valuesOf('fault_from_seconds')).toHaveLength(3)
    expect(valuesOf('fault_until_seconds')?.[0]).toEqual(['kill', '1', 3.5])
    expect(valuesOf('fault_lowest_served_ratio')).toEqual([
      ['kill', '1', 0.25],
      ['kill', '2', 0],
    ])
    expect(valuesOf('fault_worst_p99_seconds')?.[0]).toEqual(['kill', '1', 1.5])
    expect(valuesOf('fault_observed')).toEqual([
      ['kill', '1', 1],
      ['kill', '2', 1],
      ['kill', '3', 0],
    ])
    expect(valuesOf('fault_recovered')).toHaveLength(3)
    expect(valuesOf('fault_recovery_seconds')).toEqual([['kill', '1', 4]])
  })

  test('another implementation of HdrHistogram reads the log: the same counts and percentiles, and every second', () => {
    for (const { operation, outcome, count, latency } of phase.operations) {
      const found = read.intervals.find(({ tag }) => tag.endsWith(`_${operation}_${outcome}_latency`))
      expect(found).toMatchObject({ count, length: phase.durationSeconds })
      // Implementations differ in which of two neighbouring samples a percentile is.
      const ours = LatencyHistogram.fromHistogram(latency)
      const oneSample = 1.5 / count
      expect(found?.p99).toBeGreaterThan(ours.percentileNs(0.99 - oneSample) * 0.998)
      expect(found?.p99).toBeLessThan(ours.percentileNs(0.99 + oneSample) * 1.002)
    }
    const seconds = read.intervals.filter(({ tag }) => tag === `${phase.name.replaceAll(' ', '_')}_seconds`)
    const answered = phase.timeline.reduce((sum, { completed, failed }) => sum + completed + failed, 0)
    expect(seconds.reduce((sum, { count }) => sum + count, 0)).toBe(answered)
  })

  test('the log reader of the library itself goes through the whole log', () => {
    const reader = new HistogramLogReader(formatHlog(exampleReport()))
    let intervals = 0
    while (reader.nextIntervalHistogram() !== null) intervals++
    expect(intervals).toBe(read.intervals.length)
  })
})

async function readBy(openMetrics: string, hlog: string): Promise<Read> {
  const { stdout } = await promisify(execFile)(python, [script, openMetrics, hlog], { maxBuffer: 2 ** 26 })
  return JSON.parse(stdout)
}
