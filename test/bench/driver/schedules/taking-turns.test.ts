import { expect, it } from 'vitest'
import { schedules } from '../../../../bench/driver/schedules/index.ts'
import { type Turns, takingTurns } from '../../../../bench/driver/schedules/taking-turns.ts'

const own = { ratePerSecond: 1000, durationSeconds: 1, worker: 0, workers: 1, seed: 7 }

function dueMs(turns: Turns): number[] {
  const schedule = takingTurns(schedules.poisson(own), turns)
  const all: number[] = []
  for (let due = schedule.nextDueNs(); due !== undefined; due = schedule.nextDueNs()) all.push(due / 1e6)
  return all
}

it('two that take turns are never due in the same turn, and each keeps its order and its number', () => {
  const first = dueMs({ isFirst: true, seconds: 0.1 })
  const second = dueMs({ isFirst: false, seconds: 0.1 })
  const turnsOf = (times: readonly number[]) => new Set(times.map((ms) => Math.floor(ms / 100) % 2))
  expect(turnsOf(first)).toEqual(new Set([0]))
  expect(turnsOf(second)).toEqual(new Set([1]))
  expect(first).toEqual(first.toSorted((left, right) => left - right))
  expect(first.length).toBeGreaterThan(850)
  expect(second.length).toBe(first.length)
  // Ten turns each, so nearly two seconds in all.
  expect(Math.max(...second)).toBeGreaterThan(1900)
  expect(Math.max(...second)).toBeLessThan(2000)
})
