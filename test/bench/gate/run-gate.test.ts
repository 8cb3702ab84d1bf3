import { describe, expect, test } from 'vitest'
import { judgeInterval, overall } from '../../../bench/gate/judge.ts'
import type { Measurement } from '../../../bench/gate/metric.ts'
import { type GateOptions, runGate, type Sides } from '../../../bench/gate/run-gate.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { createPrng } from '../../../src/support/prng.ts'

const never = new AbortController().signal

function sides(baseline: () => Measurement, candidate: () => Measurement): Sides {
  return { measurePair: async () => ({ baseline: baseline(), candidate: candidate() }) }
}

function gate(both: Sides, changes: Partial<GateOptions> = {}) {
  return runGate({
    sides: both,
    gating: ['cpu'],
    threshold: 0.05,
    confidence: 0.95,
    repetitionsMin: 8,
    repetitionsMax: 30,
    budgetSeconds: 60,
    seed: 1,
    clock: systemClock,
    signal: never,
    ...changes,
  })
}

/** A side whose cost varies by about two percent. */
function noisy(cost: number, seed: number): () => Measurement {
  const prng = createPrng(seed)
  return () => ({ cpu: cost * (1 + (prng.nextDouble() - 0.5) * 0.04) })
}

test('a slowdown of a tenth is found, an improvement too, and equal sides are unchanged', async () => {
  const verdictAt = async (cost: number) => {
    const { results } = await gate(sides(noisy(100, 1), noisy(cost, 2)))
    return results[0]?.verdict
  }
  expect([await verdictAt(110), await verdictAt(90), await verdictAt(100)]).toEqual([
    'regressed',
    'improved',
    'unchanged',
  ])
})

test('it stops when decided, and goes on to its bound while in doubt', async () => {
  const decided = await gate(sides(noisy(100, 1), noisy(150, 2)))
  expect(decided.repetitions).toHaveLength(8)
  const prng = createPrng(5)
  const wild = () => ({ cpu: 100 * (0.5 + prng.nextDouble()) })
  const doubtful = await gate(sides(wild, wild))
  expect(doubtful.repetitions).toHaveLength(30)
  expect(doubtful.results[0]?.verdict).toBe('inconclusive')
})

test('one regression ends it, whatever the other metrics are still in doubt about', async () => {
  const prng = createPrng(5)
  const at = (cpu: number) => () => ({ cpu, p50: 100 * (0.5 + prng.nextDouble()) })
  const run = await gate(sides(at(100), at(120)), { gating: ['cpu', 'p50'] })
  expect(run.repetitions).toHaveLength(8)
  expect(run.results.map(({ metric, verdict }) => [metric, verdict])).toContainEqual(['cpu', 'regressed'])
})

test('an interruption keeps the pairs that were whole', async () => {
  const stop = new AbortController()
  let measured = 0
  const counted = () => {
    measured++
    if (measured === 5) stop.abort()
    return { cpu: 1 }
  }
  const run = await gate(
    sides(counted, () => ({ cpu: 1 })),
    { signal: stop.signal },
  )
  expect(run).toMatchObject({ interrupted: true })
  expect(run.repetitions).toHaveLength(4)
})

test('what an interruption makes fail ends the gate like the interruption itself', async () => {
  const stop = new AbortController()
  const failing: Sides = {
    measurePair: async () => {
      stop.abort()
      throw new Error('stopped before it was sent')
    },
  }
  const run = await gate(failing, { signal: stop.signal })
  expect(run).toMatchObject({ interrupted: true, repetitions: [] })
})

describe('the verdict on an interval', () => {
  const interval = (low: number, high: number) => ({ ratio: 1, low, high, confidence: 0.95, pairs: 9 })
  test.each([
    ['lower', 1.06, 1.2, 'regressed'],
    ['lower', 1.04, 1.2, 'inconclusive'],
    ['lower', 0.97, 1.03, 'unchanged'],
    ['lower', 0.7, 0.9, 'improved'],
    ['lower', 0.9, 1.1, 'inconclusive'],
    ['higher', 0.8, 0.9, 'regressed'],
    ['higher', 1.1, 1.2, 'improved'],
    ['higher', 0.98, 1.02, 'unchanged'],
    ['higher', 0.94, 1, 'inconclusive'],
  ] as const)('%s is better, from %f to %f: %s', (better, low, high, verdict) => {
    expect(judgeInterval(interval(low, high), { better, threshold: 0.05 })).toBe(verdict)
  })

  test('one regression fails the whole, doubt leaves it open, nothing measured is doubt', () => {
    expect(overall(['unchanged', 'regressed', 'inconclusive'])).toBe('regressed')
    expect(overall(['improved', 'inconclusive'])).toBe('inconclusive')
    expect(overall(['improved', 'unchanged'])).toBe('passed')
    expect(overall([])).toBe('inconclusive')
  })
})
