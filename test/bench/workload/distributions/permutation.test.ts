import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createPermutation } from '../../../../bench/workload/distributions/permutation.ts'

test('a permutation hits every place exactly once', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer(), (items, seed) => {
      const permutation = createPermutation({ items, seed })
      const places = new Set(Array.from({ length: items }, (_, rank) => permutation(rank)))
      expect(places.size).toBe(items)
      expect(Math.min(...places)).toBe(0)
      expect(Math.max(...places)).toBe(items - 1)
    }),
  )
})

test('different ranks have different places among very many items', () => {
  const items = fc.integer({ min: 2 ** 31, max: 2 ** 40 })
  fc.assert(
    fc.property(items, fc.integer(), fc.nat(), fc.nat(), (count, seed, one, other) => {
      fc.pre(one !== other)
      const permutation = createPermutation({ items: count, seed })
      const places = [permutation(one), permutation(other), permutation(count - 1 - one)]
      for (const place of places) expect(place >= 0 && place < count && Number.isInteger(place)).toBe(true)
      expect(places[0]).not.toBe(places[1])
    }),
  )
})

test('popular ranks are spread evenly over the ordinals', () => {
  const items = 1_000_003
  const permutation = createPermutation({ items, seed: 5 })
  const tenths = new Array<number>(10).fill(0)
  for (let rank = 0; rank < 10_000; rank++) {
    const tenth = Math.floor((permutation(rank) / items) * 10)
    tenths[tenth] = (tenths[tenth] ?? 0) + 1
  }
  const chiSquare = tenths.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  // The 99.9 % quantile of chi-square with 9 degrees of freedom.
  expect(chiSquare).toBeLessThan(27.88)
})

test('another seed makes other ranks popular', () => {
  const one = createPermutation({ items: 1000, seed: 1 })
  const other = createPermutation({ items: 1000, seed: 2 })
  const same = Array.from({ length: 1000 }, (_, rank) => one(rank) === other(rank)).filter(Boolean)
  expect(same.length).toBeLessThan(20)
})

test('a rank that is none is refused', () => {
  expect(() => createPermutation({ items: 10, seed: 1 })(10)).toThrow('one of the items')
})
