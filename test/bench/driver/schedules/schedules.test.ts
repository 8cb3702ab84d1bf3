import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ArrivalSchedule } from '../../../../bench/driver/schedules/arrival-schedule.ts'
import { type ScheduleName, schedules } from '../../../../bench/driver/schedules/index.ts'

const names = Object.keys(schedules) as ScheduleName[]

describe.each(names)('%s', (name) => {
  const options = fc.record({
    ratePerSecond: fc.integer({ min: 1, max: 20_000 }),
    durationSeconds: fc.integer({ min: 1, max: 3 }),
    seed: fc.nat(),
    workers: fc.integer({ min: 1, max: 4 }),
  })

  test('due times never decrease and all lie within the duration', () => {
    fc.assert(
      fc.property(options, (given) => {
        const dues = drain(schedules[name]({ ...given, worker: given.workers - 1 }))
        expect(dues.every((due, index) => due >= (dues[index - 1] ?? 0))).toBe(true)
        expect(dues.every((due) => due < given.durationSeconds * 1e9)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  test('the workers together arrive at the offered rate', () => {
    fc.assert(
      fc.property(options, (given) => {
        const counts = Array.from(
          { length: given.workers },
          (_, worker) => drain(schedules[name]({ ...given, worker })).length,
        )
        const arrivals = counts.reduce((sum, count) => sum + count, 0)
        const expected = given.ratePerSecond * given.durationSeconds
        // Six standard deviations of a Poisson count; the constant schedule is exact.
        const tolerance = name === 'constant' ? 0 : 6 * Math.sqrt(expected) + 1
        expect(Math.abs(arrivals - expected)).toBeLessThanOrEqual(tolerance)
      }),
      { numRuns: 30 },
    )
  })

  test('the same seed gives the same arrivals', () => {
    const given = { ratePerSecond: 500, durationSeconds: 2, worker: 1, workers: 2, seed: 7 }
    expect(drain(schedules[name](given))).toEqual(drain(schedules[name](given)))
  })

  test('an endless schedule goes on', () => {
    const given = {
      ratePerSecond: 1000,
      durationSeconds: Number.POSITIVE_INFINITY,
      worker: 0,
      workers: 1,
      seed: 7,
    }
    const schedule = schedules[name](given)
    for (let index = 0; index < 10_000; index++) expect(schedule.nextDueNs()).toBeDefined()
  })
})

describe('constant', () => {
  test('due times are made from the index, so a rate that divides badly does not drift', () => {
    const dues = drain(
      schedules.constant({ ratePerSecond: 3000, durationSeconds: 100, worker: 0, workers: 1, seed: 0 }),
    )
    expect(dues.length).toBe(300_000)
    expect(dues[299_997]).toBe((299_997 / 3000) * 1e9)
  })

  test('the workers interleave into one evenly spaced stream', () => {
    const shares = [0, 1, 2].map((worker) =>
      drain(schedules.constant({ ratePerSecond: 600, durationSeconds: 1, worker, workers: 3, seed: 0 })),
    )
    const merged = shares.flat().sort((left, right) => left - right)
    expect(merged).toEqual(
      drain(schedules.constant({ ratePerSecond: 600, durationSeconds: 1, worker: 0, workers: 1, seed: 0 })),
    )
  })
})

describe('poisson', () => {
  test('gaps have the mean and the spread of an exponential distribution', () => {
    const dues = drain(
      schedules.poisson({ ratePerSecond: 10_000, durationSeconds: 10, worker: 0, workers: 1, seed: 3 }),
    )
    const gaps = dues.map((due, index) => due - (dues[index - 1] ?? 0))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length)
    expect(mean / 1e5).toBeCloseTo(1, 1)
    expect(deviation / mean).toBeCloseTo(1, 1)
  })
})

function drain(schedule: ArrivalSchedule): number[] {
  const dues: number[] = []
  for (let due = schedule.nextDueNs(); due !== undefined; due = schedule.nextDueNs()) dues.push(due)
  return dues
}
