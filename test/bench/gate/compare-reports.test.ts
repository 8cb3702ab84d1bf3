import { expect, test } from 'vitest'
import { compareReports, incomparable } from '../../../bench/gate/compare-reports.ts'
import type { Report } from '../../../bench/report/report.ts'
import { exampleReport, failedExampleReport } from '../../support/example-report.ts'

const options = { threshold: 0.05, confidence: 0.95, seed: 1, acrossMachines: false }

test('a run against itself is unchanged in every metric that its phases have', () => {
  const report = exampleReport()
  expect(incomparable(report, report, options)).toEqual([])
  const results = compareReports(report, report, options)
  expect(results.map(({ metric }) => metric)).toEqual(expect.arrayContaining(['p50', 'p99']))
  for (const { interval } of results) expect(interval.ratio).toBe(1)
})

test('a run whose every second took half as long again has regressed', () => {
  const baseline = exampleReport()
  const results = compareReports(baseline, slowed(baseline, 1.5), options)
  const p50 = results.find(({ metric }) => metric === 'p50')
  expect(p50).toMatchObject({ verdict: 'regressed' })
  expect(p50?.interval.ratio).toBeCloseTo(1.5, 5)
})

test('reports of another machine, another configuration or a failed run are refused with both values', () => {
  const baseline = exampleReport()
  const elsewhere: Report = {
    ...baseline,
    environment: { ...baseline.environment, logicalCores: 64 },
    config: { ...baseline.config, rate: 5000 },
  }
  expect(incomparable(baseline, elsewhere, options)).toEqual([
    'environment.logicalCores differs: 2 in the baseline, 64 in the candidate',
    'config.rate differs: 400 in the baseline, 5000 in the candidate',
  ])
  expect(incomparable(baseline, elsewhere, { ...options, acrossMachines: true })).toHaveLength(1)
  expect(incomparable(baseline, failedExampleReport(), options).join()).toContain(
    'the candidate did not pass',
  )
  expect(incomparable(baseline, { ...baseline, phases: [] }, options)).toEqual([
    'the reports have no phase in common',
  ])
})

function slowed(report: Report, factor: number): Report {
  const phases = report.phases.map((phase) => {
    if (phase.kind !== 'open-loop') return phase
    const timeline = phase.timeline.map((point) => ({ ...point, p50Ns: point.p50Ns * factor }))
    return { ...phase, timeline }
  })
  return { ...report, phases }
}
