import { expect, test } from 'vitest'
import { suites } from '../../../bench/micro/index.ts'
import { runSuites } from '../../../bench/micro/run-suites.ts'

test('every suite runs and measures each of its functions', async () => {
  const results = await runSuites({ timeMs: 1, iterations: 2 })
  expect([...new Set(results.map(({ suite }) => suite))]).toEqual(Object.keys(suites))
  for (const { callsPerSecond, p50Ns } of results) {
    expect(callsPerSecond).toBeGreaterThan(0)
    expect(p50Ns).toBeGreaterThan(0)
  }
})

test('a function that is measured does its work: its sum is never zero and always the same', () => {
  for (const [name, create] of Object.entries(suites)) {
    const sums = create().map((task) => task.run())
    expect(sums.every((sum) => sum !== 0)).toBe(true)
    expect({ name, sums: create().map((task) => task.run()) }).toEqual({ name, sums })
  }
})

test('every look-up of the cache suite is the hit that its name says', () => {
  for (const task of suites['cache-hit']()) expect(task.run()).toBe(task.calls)
})
