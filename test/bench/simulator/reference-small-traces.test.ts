import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { simulate } from '../../../bench/simulator/simulate.ts'
import { libCacheSimPython } from '../../../scripts/install-libcachesim.ts'
import { libCacheSimPolicies } from '../../support/reference-policies.ts'
import { densify } from '../../support/reference-traces.ts'

const fixtures = new URL('../../fixtures/libcachesim/', import.meta.url)

test('every hit and miss on small random traces is that of libCacheSim, at odd capacities and in bytes', () => {
  const cases: readonly SmallTrace[] = JSON.parse(
    readFileSync(new URL('small-traces.json', fixtures), 'utf8'),
  )
  const { different, compared } = compareAll(cases)
  expect(different).toEqual([])
  expect(compared).toBeGreaterThan(1000)
})

// Needs libCacheSim itself: `npm run test:reference` installs it and asks for traces that no run has seen before.
if (process.env.ERJI_REFERENCE === 'all')
  test('the same on traces that are drawn now', { timeout: 300_000 }, () => {
    const first = Number(process.env.ERJI_REFERENCE_SEED ?? Math.floor(Math.random() * 1e9))
    const script = fileURLToPath(new URL('make-small-traces.py', fixtures))
    const lines = execFileSync(libCacheSimPython, [script, String(first), String(first + drawnTraces)], {
      encoding: 'utf8',
      maxBuffer: 2 ** 29,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const cases: readonly SmallTrace[] = lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const { different, compared } = compareAll(cases)
    process.stdout.write(`${compared} points of ${cases.length} traces from seed ${first}\n`)
    expect(different).toEqual([])
    expect(cases.length).toBe(drawnTraces)
  })

const drawnTraces = 30

type SmallTrace = {
  readonly seed?: number
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

function compareAll(cases: readonly SmallTrace[]): { different: string[]; compared: number } {
  const different: string[] = []
  let compared = 0
  for (const { seed, sizesAre, ids, sizes, points } of cases) {
    const trace = { ...densify(ids), bytesOf: Uint32Array.from(sizes) }
    const unit = sizesAre === 'unit' ? 'objects' : 'bytes'
    for (const { policy: theirName, capacity, misses, missedBytes, digest } of points) {
      const reference = libCacheSimPolicies[theirName]
      if (reference === undefined) throw new Error(`libCacheSim's ${theirName} has no counterpart`)
      const { policy, parameters = {} } = reference
      const ours = simulate(policy, trace, { capacity, unit, parameters, windows: ids.length })
      const ourDigest = digestOf(ours.series.map((window) => 1 - window.misses))
      compared++
      if (ours.misses !== misses || ours.byteMisses !== missedBytes || ourDigest !== digest)
        different.push(`seed ${seed} ${sizesAre} ${theirName} ${capacity}: ${ours.misses}, not ${misses}`)
    }
  }
  return { different, compared }
}

function digestOf(hits: readonly number[]): number {
  return hits.reduce((digest, hit) => Math.imul(digest ^ hit, 0x01000193) >>> 0, 0x811c9dc5)
}
