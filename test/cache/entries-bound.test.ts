import { expect, test } from 'vitest'
import { simulate } from '../../bench/simulator/simulate.ts'
import { openCache } from '../../src/cache/open-cache.ts'
import { type PolicyName, policies } from '../../src/cache/policies/index.ts'
import { createPrng } from '../../src/support/prng.ts'
import { textCodec } from '../contract/cache-contract.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { densify } from '../support/reference-traces.ts'

/** What a policy makes of a bound on entries that is reached long before the one on bytes. */
function hitsOf(policy: string, keys: readonly string[], entriesMax: number, bytesMax = 2 ** 28): number {
  const options = { bytesMax, negativeBytesMax: 0, negativeTtlSeconds: 0, entriesMax }
  const parts = { clock: new FakeClock(), codec: textCodec }
  const cache = openCache<{ text: string }>({ ...options, policy, memory: 'slab' }, parts)
  for (const key of keys) {
    if (cache.lookup(key).kind === 'hit') continue
    const facts = { epoch: cache.epochOf(key), bytes: 20, ttlSeconds: 1000 }
    cache.storeRecord(key, { text: 'x'.repeat(20) }, facts)
  }
  const { hits, entries, bytes } = cache.statistics()
  expect(entries).toBeLessThanOrEqual(entriesMax)
  expect(bytes).toBeLessThan(entriesMax * 1000)
  return hits
}

const prng = createPrng(3)
const objects = Array.from({ length: 20_000 }, () => Math.floor(2000 * prng.nextDouble() ** 4))
const keys = objects.map((object) => `88.1/K${String(object).padStart(6, '0')}`)
const exact = [
  'fifo',
  'lru',
  'clock',
  'sieve',
  's3-fifo',
  'slru',
  '2q',
  'arc',
  'lfu',
  'lru-2',
  'lirs',
  'gdsf',
]

test.each(exact)('%s with a bound on entries has the hits of a simulation by objects', (policy) => {
  const trace = densify(Uint32Array.from(objects))
  const { misses } = simulate(policy as PolicyName, trace, {
    capacity: 100,
    unit: 'objects',
    windows: 1,
  })
  expect(hitsOf(policy, keys, 100)).toBe(keys.length - misses)
})

test('a window of w-tinylfu is a part of the entries that fit, so that it is not lru', () => {
  expect(Object.keys(policies)).toContain('w-tinylfu')
  expect(hitsOf('w-tinylfu', keys, 100)).toBeGreaterThan(hitsOf('lru', keys, 100) * 1.05)
})

test('where a bound on entries binds soon before that of bytes, a small queue is a part of what fits', () => {
  // 700 bytes an entry: each weighs its share of the bytes, so that s3-fifo's main queue is met with pressure.
  const generous = hitsOf('s3-fifo', keys, 100)
  expect(hitsOf('s3-fifo', keys, 100, 70_000)).toBeGreaterThan(generous * 0.98)
  expect(hitsOf('s3-fifo', keys, 100, 70_000)).toBeLessThan(generous * 1.02)
})
