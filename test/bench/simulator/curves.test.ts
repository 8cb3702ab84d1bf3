import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  exactCurve,
  meanAbsoluteError,
  miniSimCurve,
  shardsCurve,
  shardsFixedSizeCurve,
  spreadOf,
} from '../../../bench/simulator/curves.ts'
import { simulate } from '../../../bench/simulator/simulate.ts'
import { distanceHistogram } from '../../../bench/simulator/stack-distances.ts'
import { densify, referenceTraces } from '../../support/reference-traces.ts'

const lru = { label: 'lru', policy: 'lru', parameters: {} } as const

describe('the exact curve', () => {
  test('it equals a simulation of LRU at every size', () => {
    const ids = fc.array(fc.nat({ max: 12 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(ids, (requests) => {
        const trace = densify(requests)
        const capacities = Array.from({ length: trace.objects + 2 }, (_, index) => index + 1)
        const misses = capacities.map(
          (capacity) => simulate('lru', trace, { capacity, unit: 'objects' }).misses,
        )
        const { missRatios } = exactCurve(trace, capacities)
        expect(missRatios.map((ratio) => Math.round((ratio ?? 0) * trace.requests))).toEqual(misses)
      }),
    )
  })

  test('it equals the reference figures of LRU on recorded requests', () => {
    const trace = referenceTraces().get('cache2k_web07')?.()
    expect(trace).toBeDefined()
    if (trace === undefined) return
    const { missRatios } = exactCurve(trace, [20, 204, 2048, 6145])
    expect(missRatios.map((ratio) => Math.round((ratio ?? 0) * 76_118))).toEqual([
      59_890, 46_321, 33_747, 27_026,
    ])
  })

  test('an object asked for twice in a row has distance 1, whatever came before', () => {
    expect([...distanceHistogram(densify([1, 2, 3, 3, 1]))]).toEqual([3, 1, 0, 1])
  })
})

describe('estimates', () => {
  const traces = referenceTraces()
  const largest = traces.get('twitter_cluster52_1M') ?? traces.get('cache2k_web07')
  const trace = largest?.() ?? densify([])
  const capacities = Array.from({ length: 100 }, (_, index) => Math.ceil((trace.objects * (index + 1)) / 100))
  const exact = exactCurve(trace, capacities).missRatios
  const isLarge = trace.objects > 100_000

  test('SHARDS at rate 0.01 is within 0.01 of the exact curve in the mean, at 0.1 of a small trace within 0.02', () => {
    const rate = isLarge ? 0.01 : 0.1
    const curves = [1, 2, 3, 4, 5].map((salt) => shardsCurve(trace, capacities, { rate, salt }))
    const errors = curves
      .map(({ missRatios }) => meanAbsoluteError(missRatios, exact))
      .toSorted((a, b) => a - b)
    // The shipped trace is a twentieth of the size: its sample of a tenth is too small for more.
    expect(errors[2]).toBeLessThan(isLarge ? 0.01 : 0.02)
    expect(curves[0]?.sampledObjects).toBeGreaterThan(sampledAtLeast)
    expect(spreadOf(curves).mean).toBeLessThan(0.02)
  })

  test('SHARDS of a fixed size keeps to it and comes as near', () => {
    const objectsMax = isLarge ? 4000 : 2000
    const curve = shardsFixedSizeCurve(trace, capacities, { objectsMax, salt: 1 })
    expect(curve.sampledObjects).toBeLessThanOrEqual(objectsMax)
    expect(meanAbsoluteError(curve.missRatios, exact)).toBeLessThan(0.02)
  })

  test('MiniSim of LRU comes near the exact curve, and of another policy near its simulation', () => {
    const rate = 0.1
    const options = { rate, salt: 1 }
    expect(
      meanAbsoluteError(miniSimCurve(trace, capacities, { ...options, policy: lru }).missRatios, exact),
    ).toBeLessThan(0.02)
    const capacity = Math.floor(trace.objects / 10)
    const { misses } = simulate('sieve', trace, { capacity, unit: 'objects' })
    const sieve = { label: 'sieve', policy: 'sieve', parameters: {} } as const
    const [ratio = 0] = miniSimCurve(trace, [capacity], { ...options, policy: sieve }).missRatios
    expect(Math.abs(ratio - misses / trace.requests)).toBeLessThan(0.03)
  })

  test('a sample of everything is exact', () => {
    const small = densify(Array.from({ length: 500 }, (_, index) => (index * index) % 37))
    const sizes = [1, 5, 10, 20, 40]
    const whole = exactCurve(small, sizes).missRatios
    expect(shardsCurve(small, sizes, { rate: 1, salt: 3 }).missRatios).toEqual(whole)
    expect(shardsFixedSizeCurve(small, sizes, { objectsMax: 100, salt: 3 }).missRatios).toEqual(whole)
    expect(miniSimCurve(small, sizes, { rate: 1, salt: 3, policy: lru }).missRatios).toEqual(whole)
  })
})

const sampledAtLeast = 1000
