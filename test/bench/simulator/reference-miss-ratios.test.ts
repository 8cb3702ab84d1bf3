import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { simulate } from '../../../bench/simulator/simulate.ts'
import type { DenseTrace } from '../../../bench/workload/traces/dense-trace.ts'
import {
  caffeinePolicies,
  libCacheSimPolicies,
  type ReferencePolicy,
} from '../../support/reference-policies.ts'
import { referenceFile, referenceTraces } from '../../support/reference-traces.ts'

type Point = {
  readonly trace: string
  readonly theirName: string
  readonly reference: ReferencePolicy
  readonly capacity: number
  readonly unit: 'objects' | 'bytes'
  readonly misses: number
  readonly byteMissRatio: number | undefined
}

const traces = referenceTraces()

// Every point takes most of a minute, so all of them are compared by `npm run test:reference` and these by every run.
const everyPoint = process.env.ERJI_REFERENCE === 'all'
const quickSizes = new Set([1435, 8223, 292_272])

const committed = points(
  'web07',
  new URL('../../fixtures/libcachesim/web07.csv', import.meta.url),
  libCacheSimPolicies,
)
const beside = [
  ...points('libCacheSim', referenceFile('reference_miss_ratios.csv'), libCacheSimPolicies),
  ...points('libCacheSim, bytes', referenceFile('reference_size_aware.csv'), libCacheSimPolicies),
  ...points('Caffeine', referenceFile('reference_caffeine_simulator.csv'), caffeinePolicies),
].filter(({ trace, capacity }) => trace !== 'cache2k_web07' && (everyPoint || quickSizes.has(capacity)))

describe('misses equal those of the reference simulators', () => {
  for (const [name, load] of traces) {
    const mine = [...committed, ...beside].filter(({ trace }) => trace === name)
    if (mine.length === 0) continue
    test(`${name}: ${mine.length} points`, { timeout: 300_000 }, () => {
      const trace = load()
      const compared = mine.map((point) => compare(point, trace))
      process.stdout.write(`${compared.map(({ line }) => line).join('\n')}\n`)
      expect(compared.filter(({ within }) => !within).map(({ line }) => line)).toEqual([])
    })
  }
})

function compare(point: Point, trace: DenseTrace): { line: string; within: boolean } {
  const { policy, parameters = {}, tolerance } = point.reference
  const ours = simulate(policy, trace, { capacity: point.capacity, unit: point.unit, parameters })
  const difference = ours.misses - point.misses
  const byteDifference =
    point.byteMissRatio === undefined ? 0 : ours.byteMisses / ours.bytes - point.byteMissRatio
  const within =
    Math.abs(difference) <= tolerance * point.misses && (tolerance > 0 || Math.abs(byteDifference) < 1e-12)
  const percent = `${((100 * difference) / point.misses).toFixed(2)} %`
  const columns = [
    point.trace.padEnd(22),
    point.theirName.padEnd(46),
    `${point.capacity} ${point.unit}`.padStart(15),
    String(ours.misses).padStart(8),
    String(point.misses).padStart(8),
    percent.padStart(9),
  ]
  return { line: columns.join(' '), within }
}

function points(tool: string, file: URL, names: Readonly<Record<string, ReferencePolicy>>): Point[] {
  if (!existsSync(file)) return []
  const [header = [], ...rows] = readFileSync(file, 'utf8').trim().split('\n').map(csvFields)
  return rows.flatMap((fields) => {
    const row = Object.fromEntries(header.map((name, column) => [name, fields[column]]))
    const reference = names[row.policy ?? '']
    if (reference === undefined) return []
    return {
      trace: row.trace ?? '',
      theirName: `${row.policy} (${tool})`,
      reference,
      capacity: Number(row.cache_size_objects ?? row.cache_size_bytes),
      unit: row.cache_size_bytes === undefined ? 'objects' : 'bytes',
      misses: Number(row.misses ?? row.object_misses),
      byteMissRatio: row.byte_miss_ratio === undefined ? undefined : Number(row.byte_miss_ratio),
    }
  })
}

/** Fields may be quoted, because parameters hold commas; no quote stands within a field. */
function csvFields(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"([^"]*)"|([^,]*))/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
