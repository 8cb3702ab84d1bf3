import { expect, test } from 'vitest'
import { createTraceTimesSchedule } from '../../../../bench/driver/schedules/trace-times.ts'

function allOf(options: Parameters<typeof createTraceTimesSchedule>[0]): number[] {
  const schedule = createTraceTimesSchedule(options)
  const due: number[] = []
  for (let next = schedule.nextDueNs(); next !== undefined; next = schedule.nextDueNs()) due.push(next / 1e9)
  return due
}

const atSecondsOf = [100, 100, 100, 100, 103, 103, 110]

test('requests are due at their own times, those of one second spread over it, and the start is the first one', () => {
  expect(allOf({ atSecondsOf, speed: 1, worker: 0, workers: 1 })).toEqual([0, 0.25, 0.5, 0.75, 3, 3.5, 10])
})

test('a speed scales all times', () => {
  expect(allOf({ atSecondsOf, speed: 10, worker: 0, workers: 1 }).at(-1)).toBe(1)
  expect(allOf({ atSecondsOf, speed: 0.5, worker: 0, workers: 1 })[4]).toBe(6)
})

test('workers share the requests out and keep their times', () => {
  const alone = allOf({ atSecondsOf, speed: 1, worker: 0, workers: 1 })
  for (const worker of [0, 1, 2]) {
    const own = alone.filter((_, position) => position % 3 === worker)
    expect(allOf({ atSecondsOf, speed: 1, worker, workers: 3 })).toEqual(own)
  }
})

test('a clock that went back lets nothing be due before what came before it', () => {
  const due = allOf({ atSecondsOf: [5, 6, 4, 7], speed: 1, worker: 0, workers: 1 })
  expect(due).toEqual([0, 1, 1, 2])
})
