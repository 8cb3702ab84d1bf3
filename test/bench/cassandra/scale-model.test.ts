import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import type { CassandraResult } from '../../../bench/cassandra/report.ts'
import { type Costs, costsOf, planFor, scaleTable } from '../../../bench/cassandra/scale-model.ts'

// 16 cores, 2 TB used of a disk, 50,000 reads/s; a third more than nothing is cached, one registration in ten, headroom 3.
const costs: Costs = {
  bytesPerRecord: 2000,
  nodeMicros: { cached: 10, missed: 100, register: 200 },
  clusterMicros: { missed: 400, register: 2000 },
}

test('machines follow from disk, CPU and disk reads, as worked by hand', () => {
  // 5e9 × 2000 B = 10 TB → 5 machines of 2 TB. CPU: 70,000 × 400 µs + 10,000 × 2000 µs = 48 cores, ×3 / 16 = 9.
  // Reads: (70,000 + 10,000) × 2 × 1.2 × 3 / 50,000 = 11.52 → 12. Nodes: 0.3 + 7 + 2 = 9.3 cores, ×3 / 16 → 2.
  const plan = planFor({ identifiers: 5e9, resolutionsPerSecond: 100_000 }, costs)
  expect(plan).toMatchObject({
    diskTerabytes: 10,
    clusterByDisk: 5,
    clusterByCpu: 9,
    clusterByReads: 12,
    clusterMachines: 12,
    nodeMachines: 2,
  })
})

test('a record that compressed well when it was measured is not taken to do so everywhere', () => {
  const asked = { identifiers: 5e9, resolutionsPerSecond: 10_000 }
  expect(planFor(asked, { ...costs, bytesPerRecord: 300 }).diskTerabytes).toBe(6.5)
})

test('a small case is never below three copies and two nodes', () => {
  const plan = planFor({ identifiers: 1000, resolutionsPerSecond: 10 }, costs)
  expect([plan.clusterMachines, plan.nodeMachines]).toEqual([3, 2])
})

test('the table of docs/scale.md is the one that the committed result gives', () => {
  const root = new URL('../../../docs/', import.meta.url)
  const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, root)), 'utf8')
  const result = JSON.parse(read('results/cassandra/cassandra.json')) as CassandraResult
  expect(read('scale.md')).toContain(scaleTable(costsOf(result)))
})
