import { expect, test } from 'vitest'
import { ratioInterval, unpairedRatioInterval } from '../../../bench/gate/interval.ts'
import { createPrng, type Prng } from '../../../src/support/prng.ts'

const options = (seed: number) => ({ confidence: 0.95, resamples: 1000, prng: createPrng(seed) })

test('pairs that share a drift of the machine give the ratio of the sides, not of the drift', () => {
  const prng = createPrng(7)
  const pairs = Array.from({ length: 20 }, (_, index) => {
    const drift = 1 + index // the machine slows down twentyfold
    return { baseline: drift * noisy(prng, 0.01), candidate: drift * 1.1 * noisy(prng, 0.01) }
  })
  const { ratio, low, high } = ratioInterval(pairs, options(1))
  expect(ratio).toBeCloseTo(1.1, 1)
  expect([low > 1.05, high < 1.15]).toEqual([true, true])
})

test('one disturbed pair among many moves neither the ratio nor the bounds beyond the others', () => {
  const pairs = Array.from({ length: 15 }, (_, index) => ({ baseline: 100, candidate: 100 + (index % 3) }))
  const disturbed = [...pairs.slice(1), { baseline: 100, candidate: 5000 }]
  expect(ratioInterval(disturbed, options(2)).high).toBeLessThan(1.03)
})

test('about as many intervals hold the true ratio as they claim', () => {
  const prng = createPrng(11)
  let held = 0
  for (let trial = 0; trial < 300; trial++) {
    const pairs = Array.from({ length: 12 }, () => ({
      baseline: noisy(prng, 0.05),
      candidate: noisy(prng, 0.05),
    }))
    const { low, high } = ratioInterval(pairs, { confidence: 0.95, resamples: 400, prng })
    if (low <= 1 && 1 <= high) held++
  }
  // The median's bootstrap at twelve pairs: three standard errors of 300 trials on either side of 95 %.
  expect(held / 300).toBeGreaterThan(0.91)
})

test('the same seed gives the same interval', () => {
  const pairs = [3, 4, 5, 6, 7].map((candidate) => ({ baseline: 5, candidate }))
  expect(ratioInterval(pairs, options(3))).toEqual(ratioInterval(pairs, options(3)))
})

test('unpaired sides of different length are compared by their medians', () => {
  const { ratio, low, high } = unpairedRatioInterval(
    { baseline: [10, 11, 9, 10, 10], candidate: [20, 19, 21, 20, 20, 20, 22] },
    { ...options(4), centre: 'median' },
  )
  expect(ratio).toBe(2)
  expect(low).toBeGreaterThan(1.5)
  expect(high).toBeLessThan(2.5)
})

test('the mean of a side counts the seconds in which nothing was done, which its median would not see', () => {
  const stalling = Array.from({ length: 20 }, (_, second) => (second % 5 === 0 ? 0 : 100))
  const steady = stalling.map(() => 100)
  const sides = { baseline: steady, candidate: stalling }
  const { ratio, low, high } = unpairedRatioInterval(sides, { ...options(6), centre: 'mean' })
  expect(ratio).toBeCloseTo(0.8, 5)
  expect([low < 0.8, high > 0.8]).toEqual([true, true])
  expect(() => unpairedRatioInterval(sides, { ...options(6), centre: 'median' })).toThrow('positive')
})

test('a measurement that cannot have a ratio is refused as the mistake that it is', () => {
  expect(() => ratioInterval([{ baseline: 0, candidate: 1 }], options(5))).toThrow('positive')
  expect(() => ratioInterval([], options(5))).toThrow('at least one')
})

/** Around 1, with a spread about so large on the log scale. */
function noisy(prng: Prng, spread: number): number {
  const sum = prng.nextDouble() + prng.nextDouble() + prng.nextDouble() - 1.5
  return Math.exp(2 * sum * spread)
}
