import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { durationNsMax, LatencyHistogram } from '../../../bench/measure/latency-histogram.ts'

describe('LatencyHistogram', () => {
  test('known samples give known percentiles within three digits', () => {
    // 1 µs, 2 µs … 10,000 µs: the share q of the samples does not exceed q × 10,000 µs.
    const histogram = new LatencyHistogram()
    for (let microseconds = 1; microseconds <= 10_000; microseconds++) histogram.record(microseconds * 1000)
    const { count, meanNs, minNs, p50Ns, p90Ns, p99Ns, p999Ns, maxNs } = histogram.toHistogram()
    expect({ count, meanNs, minNs, maxNs }).toEqual({
      count: 10_000,
      meanNs: 5_000_500,
      minNs: 1000,
      maxNs: 10_000_000,
    })
    expectWithin(p50Ns, 5_000_000)
    expectWithin(p90Ns, 9_000_000)
    expectWithin(p99Ns, 9_900_000)
    expectWithin(p999Ns, 9_990_000)
  })

  test('any samples: a percentile is the sample at its rank within three digits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: durationNsMax }), { minLength: 1, maxLength: 200 }),
        fc.constantFrom(0.5, 0.9, 0.99, 0.999, 1),
        (samples, share) => {
          const histogram = new LatencyHistogram()
          for (const sample of samples) histogram.record(sample)
          const sorted = samples.toSorted((left, right) => left - right)
          expectWithin(histogram.percentileNs(share), sorted[Math.ceil(share * sorted.length) - 1] ?? 0)
        },
      ),
      { numRuns: 50 },
    )
  })

  test('merged histograms equal one that recorded everything', () => {
    const [left, right, together] = [new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram()]
    for (let index = 0; index < 5000; index++) {
      const ns = (index * index * 37) % 900_000_000
      const part = index % 3 === 0 ? left : right
      part.record(ns)
      together.record(ns)
    }
    left.merge(right)
    expect(left.toHistogram()).toEqual(together.toHistogram())
  })

  test('a snapshot survives JSON exactly', () => {
    const histogram = new LatencyHistogram()
    for (const ns of [0, 1, 12_345_678, 3_000_000_007, durationNsMax + 1]) histogram.record(ns)
    const travelled = LatencyHistogram.fromSnapshot(JSON.parse(JSON.stringify(histogram.toSnapshot())))
    expect(travelled.toSnapshot()).toEqual(histogram.toSnapshot())
    expect(travelled.clamped).toBe(1)
  })

  test('an encoded histogram decodes to the same percentiles and encodes to the same text', () => {
    const histogram = new LatencyHistogram()
    for (let index = 1; index <= 3000; index++) histogram.record(index * 7919)
    const original = histogram.toHistogram()
    const decoded = LatencyHistogram.fromEncoded(original.encoded).toHistogram()
    expect(decoded.encoded).toBe(original.encoded)
    expect(decoded.count).toBe(original.count)
    expect(decoded.p50Ns).toBe(original.p50Ns)
    expect(decoded.p99Ns).toBe(original.p99Ns)
    expectWithin(decoded.maxNs, original.maxNs)
    expectWithin(decoded.meanNs, original.meanNs)
  })

  test('samples beyond one hour count as one hour and are counted as clamped', () => {
    const histogram = new LatencyHistogram()
    histogram.record(durationNsMax * 2)
    histogram.record(Number.POSITIVE_INFINITY)
    expect(histogram.clamped).toBe(2)
    expect(histogram.toHistogram().maxNs).toBe(durationNsMax)
  })

  test('a sample below zero counts as zero, and one that is no number is a broken invariant', () => {
    const histogram = new LatencyHistogram()
    histogram.record(-5)
    expect(histogram.toHistogram()).toMatchObject({ count: 1, minNs: 0, maxNs: 0, p50Ns: 0 })
    expect(() => histogram.record(Number.NaN)).toThrow('a recorded duration is a number')
  })

  test('an empty histogram is all zeros and survives encoding', () => {
    const empty = new LatencyHistogram().toHistogram()
    expect(empty).toMatchObject({ count: 0, meanNs: 0, minNs: 0, p50Ns: 0, maxNs: 0 })
    expect(LatencyHistogram.fromEncoded(empty.encoded).toHistogram()).toEqual(empty)
    expect(new LatencyHistogram().percentileCurve(5)).toEqual([])
  })

  test('a percentile curve never falls, starts at the shortest sample and ends at the longest', () => {
    const histogram = new LatencyHistogram()
    for (let index = 1; index <= 1000; index++) histogram.record(index * 1000)
    const curve = histogram.percentileCurve(5)
    expect(curve[0]?.share).toBe(0)
    expectWithin(curve[0]?.ns ?? 0, 1000)
    expect(curve.at(-1)).toEqual({ share: 0.999, ns: 1_000_000 })
    for (const [index, point] of curve.entries()) {
      expect(point.ns).toBeGreaterThanOrEqual(curve[index - 1]?.ns ?? 0)
      expect(point.share).toBeGreaterThanOrEqual(curve[index - 1]?.share ?? 0)
    }
  })
})

function expectWithin(actualNs: number, expectedNs: number): void {
  expect(Math.abs(actualNs - expectedNs)).toBeLessThanOrEqual(expectedNs * 0.001)
}
