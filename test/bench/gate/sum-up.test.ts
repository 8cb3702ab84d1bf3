import { expect, test } from 'vitest'
import { UsageError } from '../../../bench/cli/flags.ts'
import type { MetricResult } from '../../../bench/gate/gate-result.ts'
import { pairedMetrics } from '../../../bench/gate/metric.ts'
import { refuseUnmeasured, sumUp, type ToSumUp } from '../../../bench/gate/sum-up.ts'

const unchanged: MetricResult = {
  metric: 'p50',
  baseline: 100,
  candidate: 100,
  interval: { ratio: 1, low: 0.99, high: 1.01, confidence: 0.95, pairs: 12 },
  verdict: 'unchanged',
  gating: true,
}
const gate: ToSumUp = { design: 'unpaired', results: [unchanged], gating: ['p50'], faults: [] }

test('a gate passes where all that counts was measured', () => {
  expect(sumUp(gate)).toEqual({ verdict: 'passed', reasons: [] })
})

test.each(['paired', 'unpaired'] as const)(
  'a metric that counts and was not measured leaves a %s gate open, and is named with its reason',
  (design) => {
    const summed = sumUp({ ...gate, design, gating: ['p50', 'throughput'] })
    expect(summed.verdict).toBe('inconclusive')
    expect(summed.notMeasured).toEqual([
      { metric: 'throughput', reason: expect.stringMatching(/^throughput .*measured.*answers a second/) },
    ])
    expect(summed.reasons).toEqual(summed.notMeasured?.map(({ reason }) => reason))
  },
)

test('a regression stays one, whatever else was not measured, and a fault voids all', () => {
  const results = [{ ...unchanged, verdict: 'regressed' as const }]
  expect(sumUp({ ...gate, results, gating: ['p50', 'cpu'] }).verdict).toBe('regressed')
  expect(sumUp({ ...gate, results, gating: ['p50', 'cpu'], faults: ['interrupted'] })).toEqual({
    verdict: 'invalid',
    reasons: ['interrupted'],
  })
})

test('a metric that a design cannot give is a matter of usage', () => {
  const design = { given: pairedMetrics, by: 'a gate by turns' }
  expect(() => refuseUnmeasured(['p50', 'registered'], design)).toThrow(UsageError)
  expect(() => refuseUnmeasured(['p50', 'registered'], design)).toThrow(
    '--metrics is "p50,registered"; expected some of cpu, resolve-cpu, throughput, p50, p99, which a gate by turns gives',
  )
  expect(() => refuseUnmeasured(['p50'], design)).not.toThrow()
  expect(() => refuseUnmeasured(undefined, design)).not.toThrow()
})
