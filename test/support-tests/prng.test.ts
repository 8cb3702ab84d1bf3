import { expect, test } from 'vitest'
import { createPrng, deriveSeed } from '../../src/support/prng.ts'

const draws = (seed: number, count: number): number[] => {
  const prng = createPrng(seed)
  return Array.from({ length: count }, () => prng.nextUint32())
}

test('one seed gives one stream; near seeds, and seeds that differ above 32 bits, give others', () => {
  expect(draws(42, 100)).toEqual(draws(42, 100))
  const first = [42, 43, 44, 0, 42 + 2 ** 32].map((seed) => draws(seed, 1)[0])
  expect(new Set(first).size).toBe(first.length)
})

test('derived streams of one seed all differ', () => {
  const seeds = Array.from({ length: 10_000 }, (_, stream) => deriveSeed(42, stream))
  expect(new Set(seeds).size).toBe(seeds.length)
})

test('numbers below a bound fall evenly, by the chi-square test at 0.001', () => {
  const prng = createPrng(7)
  const counts = new Array<number>(10).fill(0)
  for (let draw = 0; draw < 100_000; draw++) {
    const drawn = prng.nextBelow(10)
    counts[drawn] = (counts[drawn] ?? 0) + 1
  }
  const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  // Nine degrees of freedom.
  expect(chiSquare).toBeLessThan(27.88)
})

test('doubles stay in [0, 1) with bits beyond the first 32', () => {
  const prng = createPrng(7)
  const values = Array.from({ length: 10_000 }, () => prng.nextDouble())
  expect(values.every((value) => value >= 0 && value < 1)).toBe(true)
  expect(values.some((value) => !Number.isInteger(value * 2 ** 32))).toBe(true)
})
