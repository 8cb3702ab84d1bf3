import { describe, expect, test } from 'vitest'
import { type ProfileName, profileNames, profiles } from '../../../../bench/driver/profiles/index.ts'
import type { RateProfile } from '../../../../bench/driver/profiles/profile.ts'
import { peakSeconds, shapeArrivals } from '../../../../bench/driver/profiles/shape-arrivals.ts'
import { type ScheduleName, schedules } from '../../../../bench/driver/schedules/index.ts'

const durationSeconds = 100
const ratePerSecond = 2000

describe.each(profileNames)('%s', (name) => {
  test('each twentieth of the time gets the arrivals that the area under the profile gives it', () => {
    const dues = duesOf('constant', name)
    for (let slot = 0; slot < 20; slot++) {
      const count = dues.filter((due) => Math.floor(due / 5) === slot).length
      const expected = areaBetween(profiles[name], slot * 5, slot * 5 + 5) * ratePerSecond
      expect(Math.abs(count - expected)).toBeLessThanOrEqual(2)
    }
  })

  test('Poisson arrivals follow it within their own spread and stay within the duration', () => {
    const dues = duesOf('poisson', name)
    const expected = peakSeconds(profiles[name], durationSeconds) * ratePerSecond
    expect(Math.abs(dues.length - expected)).toBeLessThan(6 * Math.sqrt(expected))
    expect(dues.every((due, index) => due >= (dues[index - 1] ?? 0) && due <= durationSeconds)).toBe(true)
  })

  test('the rate asked for is the peak, and every profile reaches it', () => {
    const factors = profiles[name].points.map(({ factor }) => factor)
    expect(Math.max(...factors)).toBe(1)
    expect(Math.min(...factors)).toBeGreaterThan(0)
    expect(profiles[name].points.at(0)?.share).toBe(0)
    expect(profiles[name].points.at(-1)?.share).toBe(1)
  })
})

test('a flat profile changes no due time by more than rounding', () => {
  const plain = schedules.constant({ ratePerSecond, durationSeconds, worker: 0, workers: 1, seed: 1 })
  for (const due of duesOf('constant', 'flat')) {
    expect(due).toBeCloseTo((plain.nextDueNs() ?? Number.NaN) / 1e9, 9)
  }
})

function duesOf(schedule: ScheduleName, name: ProfileName): number[] {
  const profile: RateProfile = profiles[name]
  const base = schedules[schedule]({
    ratePerSecond,
    durationSeconds: peakSeconds(profile, durationSeconds),
    worker: 0,
    workers: 1,
    seed: 5,
  })
  const shaped = shapeArrivals(base, profile, { durationSeconds })
  const dues: number[] = []
  for (let due = shaped.nextDueNs(); due !== undefined; due = shaped.nextDueNs()) dues.push(due / 1e9)
  return dues
}

/** By adding up thin slices: slow, plain, and not how the code under test does it. */
function areaBetween({ points }: RateProfile, from: number, to: number): number {
  const slices = 5000
  const width = (to - from) / slices
  let area = 0
  for (let slice = 0; slice < slices; slice++) {
    const share = (from + (slice + 0.5) * width) / durationSeconds
    const index = points.findLastIndex((point) => point.share <= share)
    const [left, right] = [points[index], points[index + 1]]
    if (left === undefined || right === undefined) continue
    const position = (share - left.share) / (right.share - left.share)
    area += width * (left.factor + position * (right.factor - left.factor))
  }
  return area
}
