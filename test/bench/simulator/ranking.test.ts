import { expect, test } from 'vitest'
import { rankPolicies } from '../../../bench/simulator/ranking.ts'
import type { SimulationRow } from '../../../bench/simulator/simulation-report.ts'

test('policies are ranked by how much less than FIFO they miss, over the traces', () => {
  const rows = [
    row('a', 'fifo', 100),
    row('a', 'lru', 80),
    row('b', 'fifo', 50),
    row('b', 'lru', 50),
    row('c', 'fifo', 10),
    row('c', 'lru', 9),
  ]
  const [best, last] = rankPolicies(rows)
  expect(best).toMatchObject({ label: 'lru', traces: 3, p50: expect.closeTo(0.1), p90: expect.closeTo(0.18) })
  expect(best?.mean).toBeCloseTo(0.1)
  expect(last).toMatchObject({ label: 'fifo', p10: 0, p50: 0, p90: 0 })
})

test('without FIFO there is no ranking', () => {
  expect(rankPolicies([row('a', 'lru', 1)])).toEqual([])
})

function row(trace: string, label: string, misses: number): SimulationRow {
  return {
    trace,
    label,
    policy: label,
    parameters: {},
    size: '1%',
    capacity: 1,
    unit: 'objects',
    requests: 100,
    misses,
    missRatio: misses / 100,
    bytes: 100,
    byteMisses: misses,
    byteMissRatio: misses / 100,
    evictions: 0,
    expirations: 0,
    refusals: 0,
    nsPerRequest: 1,
    series: [],
  }
}
