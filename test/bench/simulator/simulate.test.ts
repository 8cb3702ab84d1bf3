import { describe, expect, test } from 'vitest'
import { simulate, simulateWith } from '../../../bench/simulator/simulate.ts'
import type { DenseTrace } from '../../../bench/workload/traces/dense-trace.ts'
import { policies } from '../../../src/cache/policies/index.ts'
import { Lru } from '../../../src/cache/policies/lru.ts'
import { createPrng } from '../../../src/support/prng.ts'
import { densify } from '../../support/reference-traces.ts'

const letters = (text: string): DenseTrace => densify([...text].map((letter) => letter.charCodeAt(0)))

describe('simulate', () => {
  test('an optimum evicts who is used farthest in the future, worked by hand', () => {
    // a b c a b @ 2: c takes the place of b (used later than a), b misses again; with bypass c is never kept.
    expect(simulate('belady', letters('abcab'), { capacity: 2, unit: 'objects' }).misses).toBe(4)
    expect(simulate('belady-bypass', letters('abcab'), { capacity: 2, unit: 'objects' }).misses).toBe(3)
    expect(simulate('lru', letters('abcab'), { capacity: 2, unit: 'objects' }).misses).toBe(5)
  })

  test('no policy does better than the optimum', () => {
    const trace = randomTrace(20_000)
    const best = simulate('belady-bypass', trace, { capacity: 60, unit: 'objects' }).misses
    for (const name of Object.keys(policies) as (keyof typeof policies)[]) {
      const { misses } = simulate(name, trace, { capacity: 60, unit: 'objects' })
      expect({ name, misses: Math.max(misses, best) }).toEqual({ name, misses })
    }
  })

  test('requests of the warm-up fill the cache and are counted nowhere', () => {
    const result = simulate('lru', letters('abababab'), { capacity: 2, unit: 'objects', warmUpFraction: 0.5 })
    expect(result).toMatchObject({ requests: 4, misses: 0, bytes: 4, byteMisses: 0, evictions: 0 })
  })

  test('the windows of the series add up to the whole', () => {
    const trace = randomTrace(10_001)
    const result = simulate('arc', trace, { capacity: 900, unit: 'bytes', windows: 7, warmUpFraction: 0.1 })
    expect(result.series).toHaveLength(7)
    for (const count of ['requests', 'misses', 'bytes', 'byteMisses'] as const) {
      expect(result.series.reduce((sum, window) => sum + window[count], 0)).toBe(result[count])
    }
  })

  test('bytes are counted as requested, whatever the capacity counts', () => {
    const trace = { ...letters('aab'), bytesOf: Uint32Array.of(10, 10, 5) }
    expect(simulate('fifo', trace, { capacity: 1, unit: 'objects' })).toMatchObject({
      bytes: 25,
      byteMisses: 15,
    })
    // b fits beside a in 15 bytes and not in 14.
    expect(simulate('fifo', trace, { capacity: 15, unit: 'bytes' })).toMatchObject({
      evictions: 0,
      misses: 2,
    })
    expect(simulate('fifo', trace, { capacity: 14, unit: 'bytes' })).toMatchObject({
      evictions: 1,
      misses: 2,
    })
  })

  test('an object heavier than the capacity is refused and evicts nobody', () => {
    const trace = { ...letters('abaa'), bytesOf: Uint32Array.of(3, 9, 3, 3) }
    expect(simulate('lru', trace, { capacity: 8, unit: 'bytes' })).toMatchObject({
      misses: 2,
      refusals: 1,
      evictions: 0,
    })
  })

  test('an object is stale from its time to live on, and the shorter of two counts', () => {
    const trace = {
      ...letters('aaaa'),
      atSecondsOf: Uint32Array.of(100, 109, 110, 115),
      ttlSecondsOf: Uint32Array.of(0, 0, 5, 0),
    }
    const run = (options: { ttlSeconds?: number; useTraceTtl?: boolean }) =>
      simulate('lru', trace, { capacity: 1, unit: 'objects', ...options })
    expect(run({})).toMatchObject({ misses: 1, expirations: 0 })
    expect(run({ ttlSeconds: 10 })).toMatchObject({ misses: 2, expirations: 1 })
    expect(run({ ttlSeconds: 10, useTraceTtl: true })).toMatchObject({ misses: 3, expirations: 2 })
    expect(() => simulate('belady', trace, { capacity: 1, unit: 'objects', ttlSeconds: 1 })).toThrow(/expiry/)
  })

  test('a long time to live changes no policy, so both loops are one', () => {
    const trace = randomTrace(5000)
    for (const name of Object.keys(policies) as (keyof typeof policies)[]) {
      const plain = simulate(name, trace, { capacity: 50, unit: 'objects', windows: 50 })
      const expiring = simulate(name, trace, { capacity: 50, unit: 'objects', windows: 50, ttlSeconds: 1e9 })
      expect({ name, series: expiring.series }).toEqual({ name, series: plain.series })
    }
  })

  test('the same seed draws the same victims', () => {
    const trace = randomTrace(5000)
    const run = (seed: number) => simulate('random', trace, { capacity: 50, unit: 'objects', seed }).misses
    expect(run(1)).toBe(run(1))
    expect(run(1)).not.toBe(run(2))
  })

  test('a policy that is in no table runs by itself', () => {
    const options = { capacity: 50, unit: 'objects', name: 'mine' } as const
    const trace = randomTrace(5000)
    const mine = simulateWith((context) => new Lru(context), trace, options)
    expect(mine).toMatchObject({ policy: 'mine', misses: simulate('lru', trace, options).misses })
  })

  test('a capacity that is none is refused', () => {
    expect(() => simulate('lru', letters('a'), { capacity: 0, unit: 'objects' })).toThrow(/capacity/)
    expect(() => simulate('lru', letters('a'), { capacity: 1, unit: 'bytes' })).toThrow(/sizes/)
  })
})

function randomTrace(requests: number): DenseTrace {
  const prng = createPrng(5)
  const trace = densify(Array.from({ length: requests }, () => Math.floor(300 * prng.nextDouble() ** 2)))
  const sizes = Uint32Array.from({ length: trace.objects }, () => 1 + prng.nextBelow(30))
  return {
    ...trace,
    bytesOf: trace.objectOf.map((object) => sizes[object] ?? 1),
    atSecondsOf: Uint32Array.from({ length: requests }, (_, request) => request),
  }
}
