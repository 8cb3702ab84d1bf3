import { expect, test } from 'vitest'
import { traceStatistics } from '../../../bench/simulator/trace-statistics.ts'
import { fitZipf } from '../../../bench/simulator/zipf-fit.ts'
import { densify, referenceTraces } from '../../support/reference-traces.ts'

test('a small trace is counted by hand', () => {
  const trace = { ...densify(['a', 'b', 'a', 'c', 'a', 'b'].map((id) => id.charCodeAt(0))) }
  const atSecondsOf = Uint32Array.of(0, 0, 5, 6, 6, 9)
  const statistics = traceStatistics(
    { ...trace, atSecondsOf, bytesOf: Uint32Array.of(1, 2, 1, 3, 1, 2) },
    { points: 2 },
  )
  expect(statistics).toMatchObject({
    requests: 6,
    objects: 3,
    oneHitWonders: 1,
    bytes: 10,
    workingSetBytes: 6,
  })
  expect(statistics.reuseRequests).toEqual([
    { from: 2, to: 3, requests: 2 },
    { from: 4, to: 7, requests: 1 },
  ])
  expect(statistics.reuseSeconds).toEqual([
    { from: 1, to: 1, requests: 1 },
    { from: 4, to: 7, requests: 1 },
    { from: 8, to: 15, requests: 1 },
  ])
  expect(statistics.reuseDistance).toEqual([{ from: 2, to: 3, requests: 3 }])
  expect(statistics.workingSet).toEqual([
    { requests: 3, objects: 2, windowObjects: 2 },
    { requests: 6, objects: 3, windowObjects: 3 },
  ])
})

test.each([0.6, 0.99, 1, 1.3])('frequencies by Zipf’s law of exponent %d are told as such', (exponent) => {
  const counts = Uint32Array.from({ length: 5000 }, (_, index) => Math.round(1e8 * (index + 1) ** -exponent))
  const fit = fitZipf(counts)
  expect(fit?.exponent).toBeCloseTo(exponent, 2)
  expect(fit?.lineExponent).toBeCloseTo(exponent, 2)
  expect(fit?.lineR2).toBeCloseTo(1, 3)
  expect(fit?.largestGap).toBeLessThan(0.01)
})

test('the recorded trace has the share of one-hit wonders that its source states', () => {
  const trace = referenceTraces().get('cache2k_web07')?.()
  const { oneHitWonders, objects, zipf } = traceStatistics(trace ?? densify([]))
  expect(Math.round((100 * oneHitWonders) / objects)).toBe(54)
  expect(zipf?.lineExponent).toBeGreaterThan(0.7)
  expect(zipf?.lineExponent).toBeLessThan(1)
})

test('an empty trace and one of a single object have no slope', () => {
  expect(traceStatistics(densify([])).zipf).toBeUndefined()
  expect(traceStatistics(densify([7, 7])).zipf).toBeUndefined()
})
