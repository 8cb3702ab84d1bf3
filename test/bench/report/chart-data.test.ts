import { describe, expect, test } from 'vitest'
import { chartsOf } from '../../../bench/report/html/chart-data.ts'
import { totalsOf } from '../../../bench/report/phase-totals.ts'
import type { DrivenPhase } from '../../../bench/report/report.ts'
import { exampleReport, failedExampleReport } from '../../support/example-report.ts'

describe('chart data', () => {
  test('the curve over all answers starts at the 0th percentile, never falls and ends at the longest', () => {
    const phase = openLoop()
    const curve = chartsOf(phase)?.curves[0]
    const latencyNs = curve?.latencyNs ?? []
    expect(curve?.label).toBe('all answers')
    expect(curve?.rank[0]).toBe(1)
    expect(curve?.rank).toHaveLength(latencyNs.length)
    expect(latencyNs.at(-1)).toBe(totalsOf(phase).latency.maxNs)
    expect(latencyNs).toEqual(latencyNs.toSorted((left, right) => left - right))
  })

  test('every operation and outcome has a curve of its own', () => {
    const phase = failedExampleReport().phases[2] as DrivenPhase
    const labels = chartsOf(phase)?.curves.map(({ label }) => label)
    expect(labels).toEqual([
      'all answers',
      ...phase.operations.map(({ operation, outcome }) => `${operation}, ${outcome}`),
    ])
  })

  test('a second without an answer has no durations, rather than durations of zero', () => {
    const phase = openLoop()
    const [first] = phase.timeline
    const silent = { ...first, completed: 0, failed: 0, p50Ns: 0, p99Ns: 0, maxNs: 0 } as typeof first &
      object
    expect(chartsOf({ ...phase, timeline: [silent] })?.timeline).toMatchObject({
      p50Ns: [null],
      p99Ns: [null],
      maxNs: [null],
    })
  })

  test('a run of hours keeps its worst durations in at most 1,200 points', () => {
    const phase = openLoop()
    const [point] = phase.timeline
    if (point === undefined) throw new Error('the example has a timeline')
    const timeline = Array.from({ length: 10_000 }, (_, atSeconds) => ({
      ...point,
      atSeconds,
      maxNs: atSeconds,
    }))
    const columns = chartsOf({ ...phase, timeline })?.timeline
    expect(columns?.atSeconds.length).toBeLessThanOrEqual(1200)
    expect(columns?.maxNs.at(-1)).toBe(9999)
    expect(columns?.offered[0]).toBe(point.offered)
  }, 60_000)

  test('a phase that measured nothing has no curve and no timeline', () => {
    expect(chartsOf({ ...openLoop(), operations: [], timeline: [] })).toMatchObject({
      curves: [],
      timeline: undefined,
    })
  })
})

function openLoop(): DrivenPhase {
  return exampleReport().phases[1] as DrivenPhase
}
