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
    const { stdout } = await promisify(execFile)(python, [script, openMetrics, hlog], { maxBuffer: 2 ** 26 })
    read = JSON.parse(stdout)
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
