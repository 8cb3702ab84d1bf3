import { describe, expect, test } from 'vitest'
import type {
  DistributionFactory,
  DistributionStart,
} from '../../../../bench/workload/distributions/distribution.ts'
import { distributions } from '../../../../bench/workload/distributions/index.ts'
import { createPrng } from '../../../../src/support/prng.ts'

for (const [name, create] of Object.entries<DistributionFactory>(distributions))
  describe(name, () => distributionContract(create))

function distributionContract(create: DistributionFactory): void {
  test.each([1, 2, 17, 1_000_000, 500_000_000])('all numbers are in range of %d items', (items) => {
    const distribution = create({ items, prng: createPrng(3) })
    for (let draw = 0; draw < 20_000; draw++) {
      const number = distribution.next()
      if (!Number.isInteger(number) || number < 0 || number >= items) expect.unreachable(`drew ${number}`)
    }
  })

  test('the same seed gives the same stream', () => {
    const [one, other] = [
      create({ items: 1000, prng: createPrng(9) }),
      create({ items: 1000, prng: createPrng(9) }),
    ]
    expect(Array.from({ length: 1000 }, () => one.next())).toEqual(
      Array.from({ length: 1000 }, () => other.next()),
    )
  })

  test('every one of few items is drawn', () => {
    const distribution = create({ items: 10, prng: createPrng(4) })
    const drawn = new Set(Array.from({ length: 5000 }, () => distribution.next()))
    expect(drawn.size).toBe(10)
  })

  test('what is added while drawing is in range, where the items may grow', () => {
    const distribution = create({ items: 10, prng: createPrng(4) })
    distribution.grow?.(20)
    const items = distribution.grow === undefined ? 10 : 20
    const drawn = new Set(Array.from({ length: 20_000 }, () => distribution.next()))
    expect(drawn.size).toBe(items)
    expect(Math.max(...drawn)).toBe(items - 1)
  })
}

test('uniform draws each item alike', () => {
  const counts = countsOf(distributions.uniform({ items: 10, prng: createPrng(6) }), 10)
  const chiSquare = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)
  // The 99.9 % quantile of chi-square with 9 degrees of freedom.
  expect(chiSquare).toBeLessThan(27.88)
})

test('latest draws the newest item most, and after growth the newest of those', () => {
  const latest = distributions.latest({ items: 10, prng: createPrng(6) })
  expect(indexOfMost(countsOf(latest, 10))).toBe(9)
  latest.grow(15)
  expect(indexOfMost(countsOf(latest, 15))).toBe(14)
})

test('hotspot gives the hot part its share', () => {
  const settings = { items: 100, hotItemsRatio: 0.1, hotOperationsRatio: 0.7 }
  const counts = countsOf(distributions.hotspot({ ...settings, prng: createPrng(6) }), 100)
  const hot = counts.slice(0, 10).reduce((sum, count) => sum + count, 0)
  expect(hot / 100_000).toBeCloseTo(0.7, 2)
})

test('a hot part that is all or nothing is refused', () => {
  const prng = createPrng(1)
  expect(() => distributions.hotspot({ items: 10, prng, hotItemsRatio: 0 })).toThrow('above 0')
  expect(() => distributions.hotspot({ items: 10, prng, hotOperationsRatio: 1.1 })).toThrow('0 to 1')
})

test('shot noise asks for what was born lately, and for something else later', () => {
  const shotNoise = distributions['shot-noise']({ items: 1_000_000, prng: createPrng(6), lifeDraws: 1000 })
  const draw = (): Set<number> => new Set(Array.from({ length: 5000 }, () => shotNoise.next()))
  const early = draw()
  for (let skipped = 0; skipped < 20_000; skipped++) shotNoise.next()
  expect([...draw()].filter((number) => early.has(number)).length).toBeLessThan(early.size * 0.01)
})

test('a crowd takes its share of the draws while it is there, and none after it', () => {
  const settings = { items: 1_000_000, prng: createPrng(6), crowdRatio: 0.6, lifeDraws: 5000 }
  const flashCrowd = distributions['flash-crowd'](settings)
  const shareOfMost = (draws: readonly number[]): number =>
    Math.max(...[...Map.groupBy(draws, (number) => number).values()].map((same) => same.length)) /
    draws.length
  const draw = (): number[] => Array.from({ length: 5000 }, () => flashCrowd.next())
  expect(shareOfMost(draw())).toBeCloseTo(0.6, 1)
  expect(shareOfMost(draw())).toBeLessThan(0.15)
})

test('scans are their part of the draws, in runs of neighbours', () => {
  const settings = { items: 1_000_000, prng: createPrng(6), scanRatio: 0.3, scanItems: 100 }
  const scans = distributions['scan-pollution'](settings)
  const draws = Array.from({ length: 200_000 }, () => scans.next())
  const following = draws.filter((number, index) => index > 0 && number === (draws[index - 1] ?? 0) + 1)
  expect(following.length / draws.length).toBeGreaterThan(0.27)
  expect(following.length / draws.length).toBeLessThan(0.34)
})

test('a loop draws every item once a turn', () => {
  const loop = distributions.loop({ items: 7, prng: createPrng(1) })
  expect(Array.from({ length: 9 }, () => loop.next())).toEqual([0, 1, 2, 3, 4, 5, 6, 0, 1])
})

test('a loop begins where it is told, and workers walk it by turns', () => {
  const walked = (worker: number) => {
    const loop = distributions.loop({
      ...{ items: 7, prng: createPrng(1) },
      start: { share: 0.5, worker, workers: 2 },
    })
    return Array.from({ length: 5 }, () => loop.next())
  }
  expect([walked(0), walked(1)]).toEqual([
    [3, 5, 0, 2, 4],
    [4, 6, 1, 3, 5],
  ])
})

test('shot noise begun elsewhere asks for other objects, and workers together age them as one does alone', () => {
  const drawn = (start: DistributionStart, draws: number) => {
    const noise = distributions['shot-noise']({
      items: 1_000_000,
      prng: createPrng(6),
      lifeDraws: 1000,
      start,
    })
    return Array.from({ length: draws }, () => noise.next())
  }
  const alone = { worker: 0, workers: 1 }
  const first = new Set(drawn({ share: 0, ...alone }, 5000))
  expect(drawn({ share: 0.5, ...alone }, 5000).filter((number) => first.has(number))).toEqual([])
  // One of four workers passes 20,000 draws of all in 5,000 of its own.
  const middleOf = (numbers: readonly number[]) =>
    numbers.toSorted((one, other) => one - other)[numbers.length >> 1]
  const [shared = 0, all = 1] = [
    middleOf(drawn({ share: 0.5, worker: 0, workers: 4 }, 5000)),
    middleOf(drawn({ share: 0.5, ...alone }, 20_000)),
  ]
  expect(shared - 500_000).toBeGreaterThan(0.8 * (all - 500_000))
  expect(shared - 500_000).toBeLessThan(1.2 * (all - 500_000))
})

test('a crowd may have gone, or be half over, as drawing begins', () => {
  const settings = { items: 1_000_000, crowdRatio: 0.6, lifeDraws: 5000 }
  const mostAt = (share: number) => {
    const start = { share, worker: 0, workers: 1 }
    const crowd = distributions['flash-crowd']({ ...settings, prng: createPrng(6), start })
    const draws = Array.from({ length: 2000 }, () => crowd.next())
    const most = Math.max(...[...Map.groupBy(draws, (number) => number).values()].map(({ length }) => length))
    return most / draws.length
  }
  expect(mostAt(0)).toBeCloseTo(0.6, 1)
  expect(mostAt(0.05)).toBeCloseTo(0.6, 1)
  expect(mostAt(0.5)).toBeLessThan(0.15)
})

test('the zipfian of YCSB gives its hottest key 3.8 % whatever the number of items', () => {
  for (const items of [10_000, 1_000_000]) {
    const counts = countsOf(distributions['ycsb-zipfian']({ items, prng: createPrng(6) }), items)
    const most = counts.reduce((left, right) => Math.max(left, right), 0)
    expect(most / 100_000).toBeCloseTo(0.038, 2)
  }
})

function countsOf(distribution: { next(): number }, items: number): number[] {
  const counts = new Array<number>(items).fill(0)
  for (let draw = 0; draw < 100_000; draw++) {
    const number = distribution.next()
    counts[number] = (counts[number] ?? 0) + 1
  }
  return counts
}

function indexOfMost(counts: readonly number[]): number {
  return counts.indexOf(Math.max(...counts))
}
