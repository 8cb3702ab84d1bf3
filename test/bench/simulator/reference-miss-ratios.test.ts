import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { DenseTrace } from '../../../bench/simulator/dense-trace.ts'
import { simulate } from '../../../bench/simulator/simulate.ts'
import {
  caffeinePolicies,
  libCacheSimPolicies,
  type ReferencePolicy,
} from '../../support/reference-policies.ts'
import { densify, referenceFile, referenceTraces } from '../../support/reference-traces.ts'

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

test('every hit and miss on small random traces is that of libCacheSim, at odd capacities and in bytes', () => {
  const file = new URL('../../fixtures/libcachesim/small-traces.json', import.meta.url)
  const cases: readonly SmallTrace[] = JSON.parse(readFileSync(file, 'utf8'))
  const different: string[] = []
  let compared = 0
  for (const { sizesAre, ids, sizes, points: smallPoints } of cases) {
    const trace = { ...densify(ids), bytesOf: Uint32Array.from(sizes) }
    for (const point of smallPoints) {
      const { policy, parameters = {} } = libCacheSimPolicies[point.policy] ?? { policy: 'fifo' }
      const unit = sizesAre === 'unit' ? 'objects' : 'bytes'
      const ours = simulate(policy, trace, {
        capacity: point.capacity,
        unit,
        parameters,
        windows: ids.length,
      })
      const digest = digestOf(ours.series.map(({ misses }) => 1 - misses))
      compared++
      if (ours.misses !== point.misses || ours.byteMisses !== point.missedBytes || digest !== point.digest)
        different.push(`${sizesAre} ${point.policy} ${point.capacity}: ${ours.misses}, not ${point.misses}`)
    }
  }
  expect(different).toEqual([])
  expect(compared).toBeGreaterThan(800)
})

type SmallTrace = {
  readonly sizesAre: string
  readonly ids: readonly number[]
  readonly sizes: readonly number[]
  readonly points: readonly {
    readonly policy: string
    readonly capacity: number
    readonly misses: number
    readonly missedBytes: number
    readonly digest: number
  }[]
}

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

function digestOf(hits: readonly number[]): number {
  return hits.reduce((digest, hit) => Math.imul(digest ^ hit, 0x01000193) >>> 0, 0x811c9dc5)
}
