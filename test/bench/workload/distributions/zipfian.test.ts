import { describe, expect, test } from 'vitest'
import { Zipfian } from '../../../../bench/workload/distributions/zipfian.ts'
import { createPrng } from '../../../../src/support/prng.ts'

const exponents = [0.6, 0.83, 0.99, 1, 1.000001, 1.2, 2.5]
const draws = 200_000

describe.each(exponents)('exponent %d', (exponent) => {
  test('frequencies over few items are those of the law', () => {
    const items = 20
    const counts = new Array<number>(items).fill(0)
    const zipfian = new Zipfian({ items, exponent, prng: createPrng(17) })
    for (let draw = 0; draw < draws; draw++) {
      const rank = zipfian.next()
      counts[rank] = (counts[rank] ?? 0) + 1
    }
    const total = harmonic(items, exponent)
    const chiSquare = counts.reduce((sum, count, rank) => {
      const expected = (draws * (rank + 1) ** -exponent) / total
      return sum + (count - expected) ** 2 / expected
    }, 0)
    // The 99.9 % quantile of chi-square with 19 degrees of freedom.
    expect(chiSquare).toBeLessThan(43.82)
  })

  test('500 million items are all in range and their head is as frequent as the law says', () => {
    const items = 500_000_000
    const zipfian = new Zipfian({ items, exponent, prng: createPrng(19) })
    const heads = 100
    let head = 0
    let largest = 0
    for (let draw = 0; draw < draws; draw++) {
      const rank = zipfian.next()
      if (rank < heads) head += 1
      if (!Number.isInteger(rank) || rank < 0 || rank >= items) expect.unreachable(`rank ${rank}`)
      largest = Math.max(largest, rank)
    }
    const share = harmonic(heads, exponent) / harmonic(items, exponent)
    const deviation = Math.sqrt((share * (1 - share)) / draws)
    expect(Math.abs(head / draws - share)).toBeLessThan(4 * deviation + 1e-9)
    if (exponent < 1.1) expect(largest).toBeGreaterThan(items * 0.9)
  })
})

test('one item is always drawn', () => {
  const zipfian = new Zipfian({ items: 1, prng: createPrng(1) })
  expect(Array.from({ length: 100 }, () => zipfian.next())).toEqual(new Array(100).fill(0))
})

test('items added while drawing are drawn too, and as often as from the start', () => {
  const grown = new Zipfian({ items: 10, prng: createPrng(23) })
  grown.grow(1000)
  const created = new Zipfian({ items: 1000, prng: createPrng(23) })
  expect(Array.from({ length: 1000 }, () => grown.next())).toEqual(
    Array.from({ length: 1000 }, () => created.next()),
  )
})

test('an exponent of zero or less is refused', () => {
  expect(() => new Zipfian({ items: 10, exponent: 0, prng: createPrng(1) })).toThrow('positive')
})

/** H(N, s): a thousand terms summed, the rest by Euler-Maclaurin, whose error is far below what these tests can see. */
function harmonic(items: number, exponent: number): number {
  const summed = Math.min(items, 1000)
  let sum = 0
  for (let rank = 1; rank <= summed; rank++) sum += rank ** -exponent
  if (items === summed) return sum
  const integral =
    exponent === 1
      ? Math.log(items / summed)
      : (items ** (1 - exponent) - summed ** (1 - exponent)) / (1 - exponent)
  return sum + integral + (items ** -exponent - summed ** -exponent) / 2
}
