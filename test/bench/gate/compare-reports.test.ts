import { expect, test } from 'vitest'
import { compareReports, incomparable, metricsInCommon } from '../../../bench/gate/compare-reports.ts'
import type { DrivenPhase, Phase, Report } from '../../../bench/report/report.ts'
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

test('a closed loop with half the throughput has regressed, whatever its latencies say', () => {
  const baseline = closedLoop(exampleReport())
  const halved = perSecond(baseline, (point) => ({ ...point, completed: point.completed / 2 }))
  expect(metricsInCommon(baseline, halved)).toEqual(['throughput', 'p50', 'p99'])
  const throughput = compareReports(baseline, halved, options).find(({ metric }) => metric === 'throughput')
  expect(throughput).toMatchObject({ verdict: 'regressed', gating: true })
  expect(throughput?.interval.ratio).toBeCloseTo(0.5, 5)
})

test('seconds in which a closed loop only waits for lost answers take nothing from its throughput', () => {
  const baseline = closedLoop(exampleReport())
  const waiting = { ...baseline, phases: baseline.phases.map(withDrain) }
  const throughput = compareReports(baseline, waiting, options).find(({ metric }) => metric === 'throughput')
  expect(throughput?.interval.ratio).toBeCloseTo(1, 5)
})

test('all intervals together keep the confidence', () => {
  const results = compareReports(exampleReport(), exampleReport(), options)
  const [first] = results.filter(({ gating }) => gating)
  const each = 1 - (1 - options.confidence) / results.filter(({ gating }) => gating).length
  expect(first?.interval.confidence).toBeCloseTo(each, 10)
})

test('an open loop that leaves a part unserved, even in whole seconds, has regressed', () => {
  const baseline = exampleReport()
  const stalled = perSecond(baseline, (point) =>
    point.atSeconds % 2 === 0 ? { ...point, completed: 0, failed: point.offered, p50Ns: 0, p99Ns: 0 } : point,
  )
  const results = compareReports(baseline, stalled, options)
  expect(results.find(({ metric }) => metric === 'served')).toMatchObject({ verdict: 'regressed' })
  expect(results.find(({ metric }) => metric === 'p50')).toMatchObject({ verdict: 'unchanged' })
})

test('ceilings are shown with their ratio and decide nothing', () => {
  const baseline = exampleReport()
  const phases = baseline.phases.map((phase) =>
    phase.kind === 'ceiling' ? { ...phase, requestsPerSecond: phase.requestsPerSecond / 2 } : phase,
  )
  const ceiling = compareReports(baseline, { ...baseline, phases }, options).find(
    ({ phase }) => phase === 'ceiling',
  )
  expect(ceiling).toMatchObject({ metric: 'throughput', gating: false, interval: { ratio: 0.5, pairs: 1 } })
})

test('reports of another workload are refused, field by field; where things are and the node may differ', () => {
  const baseline = exampleReport()
  const configured = (config: Record<string, unknown>) => ({
    ...baseline,
    config: { ...baseline.config, ...config },
  })
  const other = { distribution: 'uniform', profile: 'spike', clientCache: 1000, retries: 3, think: 1 }
  const more = { recordSizes: 'fixed:9', duration: 5, requestsPerConnection: 7, prefixes: 10, trace: 'a.csv' }
  const refused = incomparable(baseline, configured({ ...other, ...more }), options)
  expect(refused.map((reason) => reason.split(' ')[0]).sort()).toEqual(
    Object.keys({ ...other, ...more })
      .map((name) => `config.${name}`)
      .sort(),
  )
  expect(refused).toContain(
    'config.distribution differs: nothing in the baseline, "uniform" in the candidate',
  )
  const free = { out: 'elsewhere', target: 'http://127.0.0.1:1', cacheBytes: '1MiB', nodeWorkers: 4 }
  // A report that is older than a flag was made as the default of the flag says.
  const standard = { profile: 'flat', retries: 0, readBack: false, fault: [] }
  expect(incomparable(baseline, configured({ ...free, ...standard }), options)).toEqual([])
  expect(incomparable(baseline, { ...baseline, seed: 1 }, options)).toEqual([
    'seed differs: 20260302 in the baseline, 1 in the candidate',
  ])
})

function closedLoop(report: Report): Report {
  const phases = report.phases.map((phase) =>
    phase.kind === 'open-loop'
      ? ({ ...phase, kind: 'closed-loop', closedLoop: { clients: 5, thinkSeconds: 0 } } as const)
      : phase,
  )
  return { ...report, phases }
}

/** As after a request that was never answered: the timeline goes on until it is given up. */
function withDrain(phase: Phase): Phase {
  if (phase.kind !== 'closed-loop') return phase
  const last = phase.timeline.at(-1)
  if (last === undefined) throw new Error('the example has a timeline')
  const empty = { ...last, offered: 0, completed: 0, failed: 0, p50Ns: 0, p99Ns: 0 }
  const drain = Array.from({ length: 9 }, (_, second) => ({
    ...empty,
    atSeconds: last.atSeconds + 1 + second,
  }))
  return { ...phase, durationSeconds: last.atSeconds + 1, timeline: [...phase.timeline, ...drain] }
}

type Point = DrivenPhase['timeline'][number]

function perSecond(report: Report, change: (point: Point) => Point): Report {
  const phases = report.phases.map((phase) =>
    phase.kind === 'open-loop' || phase.kind === 'closed-loop'
      ? { ...phase, timeline: phase.timeline.map(change) }
      : phase,
  )
  return { ...report, phases }
}

function slowed(report: Report, factor: number): Report {
  const phases = report.phases.map((phase) => {
    if (phase.kind !== 'open-loop') return phase
    const timeline = phase.timeline.map((point) => ({ ...point, p50Ns: point.p50Ns * factor }))
    return { ...phase, timeline }
  })
  return { ...report, phases }
}
