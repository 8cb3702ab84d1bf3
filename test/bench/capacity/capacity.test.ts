import { describe, expect, test } from 'vitest'
import { type CapacitySearch, type CurvePoint, summarize } from '../../../bench/capacity/capacity-result.ts'
import { capacityLine, pointVerdict, sizingAdvice } from '../../../bench/capacity/formats.ts'
import { kneePerSecond } from '../../../bench/capacity/knee.ts'
import { markCurve } from '../../../bench/capacity/mark-curve.ts'
import { type SearchOptions, searchCapacity, type Trial } from '../../../bench/capacity/search-capacity.ts'
import { headroom, sizeNodes } from '../../../bench/capacity/sizing.ts'
import { exitCodeOf } from '../../../bench/commands/capacity.ts'
import { createPrng } from '../../../src/support/prng.ts'

const never = new AbortController().signal

function search(
  trial: (rate: number) => Omit<Trial, 'ratePerSecond'>,
  changes: Partial<SearchOptions<Trial>> = {},
) {
  return searchCapacity<Trial>({
    startPerSecond: 1000,
    maxPerSecond: 1_000_000,
    precision: 0.03,
    confirmations: 1,
    trialsMax: 60,
    trial: async (ratePerSecond) => ({ ratePerSecond, ...trial(ratePerSecond) }),
    signal: never,
    ...changes,
  })
}

const upTo = (capacity: number) => (rate: number) => ({ met: rate <= capacity, valid: true })

describe('the search', () => {
  test.each([3, 140, 999, 1000, 1001, 25_000, 600_000])(
    'finds a capacity of %d within its precision',
    async (capacity) => {
      const { capacityPerSecond = 0, limitedBy } = await search(upTo(capacity))
      expect(limitedBy).toBeUndefined()
      expect(capacityPerSecond).toBeLessThanOrEqual(capacity)
      expect(capacityPerSecond * 1.03 + 1).toBeGreaterThanOrEqual(capacity)
    },
  )

  test('does not believe one lucky trial: a rate that fails its confirmation is out', async () => {
    let lucky = true
    const { capacityPerSecond = 0, trials } = await search((rate) => {
      if (rate > 5000 && rate < 8500 && lucky) {
        lucky = false
        return { met: true, valid: true }
      }
      return upTo(5000)(rate)
    })
    expect(lucky).toBe(false)
    expect(capacityPerSecond).toBeLessThanOrEqual(5000)
    expect(trials.filter(({ ratePerSecond }) => ratePerSecond === capacityPerSecond).length).toBeGreaterThan(
      1,
    )
  })

  test('does not believe one unlucky trial: what disturbed it once does not bound the search', async () => {
    const disturbed = new Set<number>()
    const { capacityPerSecond = 0 } = await search((rate) => {
      if (disturbed.has(rate) || rate % 3 === 0) return upTo(25_000)(rate)
      disturbed.add(rate)
      return { met: false, valid: true }
    })
    expect(disturbed.size).toBeGreaterThan(3)
    expect(capacityPerSecond).toBeGreaterThan(25_000 / 1.04)
  })

  test('ends near the truth although trials near it go either way', async () => {
    const prng = createPrng(3)
    const found = []
    for (let repetition = 0; repetition < 20; repetition++) {
      const { capacityPerSecond } = await search((rate) => ({
        met: rate < 10_000 * (0.95 + 0.1 * prng.nextDouble()),
        valid: true,
      }))
      found.push(capacityPerSecond ?? 0)
    }
    expect(Math.min(...found)).toBeGreaterThan(9000)
    expect(Math.max(...found)).toBeLessThan(10_500)
  })

  test('names the generator where it was the limit, the maximum where that was, and gives none where none is met', async () => {
    const generator = await search((rate) => ({ met: rate <= 20_000, valid: rate <= 20_000 }))
    expect(generator.limitedBy).toBe('generator')
    const maximum = await search(upTo(1e9), { maxPerSecond: 4000 })
    expect(maximum).toMatchObject({ limitedBy: 'maximum', capacityPerSecond: 4000 })
    const none = await search(() => ({ met: false, valid: true }))
    expect(none.capacityPerSecond).toBeUndefined()
  })

  test('that runs out of trials tells the highest rate that others above it bear out, and that it ran out', async () => {
    // 1000, 2000 and 4000 are met: what carries 4000 carries 2000, and nothing says so of 4000.
    const few = await search(upTo(100_000), { trialsMax: 3 })
    expect(few).toMatchObject({ limitedBy: 'trials', capacityPerSecond: 2000 })
    const single = await search(upTo(100_000), { trialsMax: 1 })
    expect(single).toMatchObject({ limitedBy: 'trials', capacityPerSecond: undefined })
  })

  test('a rate that was missed later is not told, nor any above it', async () => {
    let trial = 0
    const worsening = await search((rate) => ({ met: rate <= (trial++ < 4 ? 8000 : 3000), valid: true }), {
      trialsMax: 14,
      precision: 0.5,
    })
    const rates = (met: boolean) =>
      worsening.trials.filter((done) => done.met === met).map(({ ratePerSecond }) => ratePerSecond)
    expect(rates(true)).toEqual([1000, 2000, 4000, 8000])
    expect(Math.min(...rates(false))).toBe(4000)
    expect(worsening).toMatchObject({ limitedBy: 'trials', capacityPerSecond: 2000 })
  })

  test('that was cut short gives a lower bound, which passes nothing', () => {
    const cutShort = [{ limitedBy: 'trials' }, { limitedBy: 'interrupted' }] as const
    expect(exitCodeOf({ capacityPerSecond: 2000, searches: cutShort })).toBe(3)
    expect(exitCodeOf({ capacityPerSecond: undefined, searches: cutShort })).toBe(3)
    expect(exitCodeOf({ capacityPerSecond: undefined, searches: [{ limitedBy: 'trials' }] })).toBe(1)
    expect(exitCodeOf({ capacityPerSecond: 2000, searches: [...cutShort, { limitedBy: undefined }] })).toBe(0)
    expect(exitCodeOf({ capacityPerSecond: 2000, searches: [{ limitedBy: 'generator' }] })).toBe(3)
  })

  test('that the target ended fails, whatever was found before, and so does one with wrong answers', async () => {
    const broken = [{ limitedBy: undefined }, { limitedBy: 'target' }] as const
    expect(exitCodeOf({ capacityPerSecond: 2000, searches: broken })).toBe(1)
    const wrong = [{ limitedBy: 'interrupted', wrongAnswers: 1 }] as const
    expect(exitCodeOf({ capacityPerSecond: 2000, searches: wrong })).toBe(1)
    let trial = 0
    const ended = await searchCapacity<Trial>({
      ...{ startPerSecond: 1000, maxPerSecond: 8000, precision: 0.1, confirmations: 1, trialsMax: 9 },
      trial: async (ratePerSecond) => (trial++ < 3 ? { ratePerSecond, met: true, valid: true } : undefined),
      signal: never,
    })
    expect(ended).toMatchObject({ limitedBy: 'target', capacityPerSecond: 2000, trials: { length: 3 } })
  })

  test('that was cut short counts neither in the capacity nor in its spread, unless all were', () => {
    const ended = [of(1000, undefined), of(1100, 'maximum'), of(1050, undefined)]
    const all = summarize([...ended, of(400, 'interrupted'), of(500, 'trials')])
    expect(all.capacityPerSecond).toBe(1050)
    expect(all.spread).toBeCloseTo(100 / 1050)
    const cutShort = summarize([of(400, 'interrupted'), of(500, 'trials')])
    expect(cutShort.capacityPerSecond).toBe(450)
    expect(cutShort.isLowerBound).toBe(true)
    expect(summarize([of(1000, undefined), of(10, 'interrupted')])).toEqual({
      capacityPerSecond: 1000,
      spread: undefined,
      deviation: undefined,
      isLowerBound: false,
    })
    expect(summarize([]).capacityPerSecond).toBeUndefined()
  })

  test('that came to its end without a rate counts as none in the capacity and in how repeatable it is', () => {
    const one = summarize([of(1000, undefined), of(undefined, undefined), of(1000, undefined)])
    expect(one).toMatchObject({ capacityPerSecond: 1000, deviation: 1 })
    const most = [of(undefined, undefined), of(undefined, undefined), of(1000, undefined)]
    expect(summarize(most).capacityPerSecond).toBeUndefined()
    expect(line(most)).toBe('No rate was found that meets p99<1s in 2 of 3 searches.')
    expect(line([of(undefined, undefined)])).toBe('No rate was found that meets p99<1s.')
    expect(line([of(undefined, 'interrupted')])).toContain('Interrupted before any rate was confirmed')
  })

  test('the stated repeatability is that of the search farthest from the capacity', () => {
    const searches = [of(990, undefined), of(1000, undefined), of(1150, undefined)]
    expect(summarize(searches).deviation).toBeCloseTo(0.15)
    expect(line(searches)).toBe('**1,000/s** meet p99<1s (±15.0 % over 3 searches).')
  })

  test('a capacity that rests on the maximum or on the generator is told as the least', () => {
    const limited = [of(4000, 'maximum'), of(4000, 'maximum'), of(3900, undefined)]
    expect(summarize(limited).isLowerBound).toBe(true)
    expect(line(limited)).toMatch(/^At least \*\*4,000\/s\*\* meet/)
    expect(line([of(4000, 'generator')])).toMatch(/^At least/)
    // One that is above the median says nothing of it.
    const above = [of(1000, undefined), of(1000, undefined), of(4000, 'maximum')]
    expect(summarize(above).isLowerBound).toBe(false)
  })

  test('stops when it is interrupted', async () => {
    const stop = new AbortController()
    let trials = 0
    const result = await search(
      () => {
        trials++
        if (trials === 3) stop.abort()
        return { met: true, valid: true }
      },
      { signal: stop.signal },
    )
    expect(result).toMatchObject({ limitedBy: 'interrupted', trials: { length: 2 } })
  })
})

test('the knee is where latency begins to rise faster than the rate', () => {
  // 1 ms up to 8,000/s, then tenfold every 1,000/s more.
  const rates = [1000, 2000, 4000, 6000, 8000, 9000, 10_000]
  const curve = rates.map((rate) => point(rate, rate <= 8000 ? 1e6 : 1e6 * 10 ** ((rate - 8000) / 1000)))
  expect(kneePerSecond(curve)).toBe(8000)
  expect(kneePerSecond(curve.slice(0, 3))).toBeUndefined()
  expect(kneePerSecond(rates.map((rate) => point(rate, 1e6)))).toBeUndefined()
})

describe('what of a point is mostly the harness', () => {
  const calibration = {
    ...{ generatorPerSecond: 9000, echoPerSecond: 4000, floorPerSecond: 1000 },
    ...{ floorP50Ns: 1e5, floorP99Ns: 1e6, latenessP99Ns: 1e5 },
  }
  const marks = (changes: Partial<CurvePoint>, given: typeof calibration | undefined = calibration) =>
    markCurve([{ ...point(1000, 5e6), p50Ns: 1e6, ...changes }], {
      objective: 'p50<50ms,resolve.p99<10ms,errors<1%',
      calibration: given,
    })[0]?.mostlyHarness

  test('is named: within half again of its floor, near its rate, or late for a quarter of the shortest time allowed', () => {
    expect(marks({})).toBeUndefined()
    expect(marks({ p50Ns: 1.4e5 })).toEqual(['p50'])
    expect(marks({ p99Ns: 1.4e6 })).toEqual(['p99'])
    expect(marks({ achievedPerSecond: 3500 })).toEqual(['rate'])
    expect(marks({ latenessP99Ns: 2.6e6 })).toEqual(['lateness'])
    expect(marks({ latenessP99Ns: 2.4e6 })).toBeUndefined()
  })

  test('is its lateness alone where it was not measured by itself', () => {
    const curve = [{ ...point(1000, 1), latenessP99Ns: 9e6 }]
    expect(markCurve(curve, { objective: 'p99<10ms', calibration: undefined })[0]?.mostlyHarness).toEqual([
      'lateness',
    ])
  })

  test('is told beside the verdict', () => {
    expect(pointVerdict({ ...point(1000, 1), mostlyHarness: ['p50', 'rate'] })).toBe(
      'met (mostly the harness: p50, rate)',
    )
    expect(pointVerdict({ ...point(1000, 1), met: false, reasons: ['slow'] })).toBe('slow')
  })
})

describe('sizing', () => {
  const expected = { identifiers: 500e6, peakPerSecond: 10_000, growth: 0.2, years: 3 }
  const node = {
    ...{ capacityPerSecond: 12_000, isLowerBound: true, identifiers: 1e6, writeShare: 0 },
    ...{ storeBytesPerRecord: 60, cacheBytesPerEntry: 700 },
  }

  test('multiplies measured figures and names what it extrapolates or assumes', () => {
    const sizing = sizeNodes(expected, node)
    // 10,000 × 1.2³ × 3 = 51,840 a second over 12,000.
    expect(sizing.nodes).toBe(Math.ceil((10_000 * 1.728 * headroom) / 12_000))
    expect(sizing.diskBytesPerNode).toBeCloseTo(500e6 * 1.728 * 60 * 1.5, -3)
    expect(sizing.cacheBytesPerNode).toBeCloseTo(500e6 * 1.728 * 0.1 * 700, -3)
    const basis = sizing.basis.join('\n')
    expect(basis).toContain('EXTRAPOLATED: capacity was measured with 1,000,000 identifiers')
    expect(basis).toContain('EXTRAPOLATED: one node was measured; that several')
    expect(basis).toContain('how the hit ratio depends on the size of the cache was not measured')
    expect(sizing.basis).toContain('the capacity is a lower bound: fewer nodes may do')
  })

  test('counts writes in full on each node: they are not divided among nodes that hold everything', () => {
    // 51,840 a second, a tenth of them writes: 46,656 reads over what 12,000 − 5,184 leaves for them.
    const tenth = sizeNodes(expected, { ...node, writeShare: 0.1 })
    expect(tenth.nodes).toBe(Math.ceil(46_656 / (12_000 - 5184)))
    expect(tenth.basis.join('\n')).toContain(
      'every node carries all writes, 5,184/s (10.0 % of the operations)',
    )
    const heavy = sizeNodes(expected, { ...node, writeShare: 0.8 })
    expect(heavy.nodes).toBeUndefined()
    expect(heavy.basis.join('\n')).toContain('no number of such nodes carries these writes')
    const small = sizeNodes({ ...expected, peakPerSecond: 2000 }, { ...node, writeShare: 0.8 })
    expect(small.nodes).toBe(1)
    expect(small.basis.join('\n')).not.toContain('one node was measured')
  })

  test('has the same lines in every format', () => {
    const { heading, lines } = sizingAdvice(sizeNodes(expected, node))
    expect(heading).toBe('For 500,000,000 identifiers and 10,000 operations/s')
    expect(lines).toEqual(
      expect.arrayContaining(['nodes: 5', 'disk a node: 72.4 GiB', 'cache a node: 56.3 GiB']),
    )
    expect(sizingAdvice(sizeNodes(expected, { ...node, writeShare: 0.8 })).lines[0]).toContain('no number')
  })
})

function of(capacityPerSecond: number | undefined, limitedBy: CapacitySearch['limitedBy']): CapacitySearch {
  return { capacityPerSecond, limitedBy, trials: [] }
}

/** What is said of searches for what meets p99<1s. */
function line(searches: readonly CapacitySearch[]): string {
  return capacityLine({ objective: 'p99<1s', searches, ...summarize(searches) })
}

function point(offeredPerSecond: number, p99Ns: number): CurvePoint {
  const rest = { achievedPerSecond: offeredPerSecond, p50Ns: 1, p999Ns: p99Ns, failedShare: 0, reasons: [] }
  return { offeredPerSecond, p99Ns, met: true, valid: true, ...rest }
}
