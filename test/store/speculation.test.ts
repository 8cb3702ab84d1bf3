import { expect, test } from 'vitest'
import { BudgetedSpeculation } from '../../src/store/cassandra/speculation.ts'

test('a read is asked of two others, each after the delay, and of no more', () => {
  const { nextExecution } = new BudgetedSpeculation(100).newPlan()
  expect([nextExecution(), nextExecution(), nextExecution()]).toEqual([100, 100, -1])
})

test('in a cluster that is slow throughout one request in ten is asked twice, once the reserve is spent', () => {
  const policy = new BudgetedSpeculation(100)
  let twice = 0
  for (let request = 0; request < 101_000; request++) {
    const { nextExecution } = policy.newPlan()
    if (nextExecution() < 0) continue
    twice++
    policy.spent()
  }
  // A reserve of 1,000 and a tenth of 101,000, but for the first request, which finds the reserve full.
  expect(twice).toBe(1000 + 10_100 - 1)
})

test('what was not needed is not saved up without bound', () => {
  const policy = new BudgetedSpeculation(100)
  for (let request = 0; request < 1_000_000; request++) policy.newPlan()
  let twice = 0
  const { nextExecution } = policy.newPlan()
  for (; twice < 1000; twice++) policy.spent()
  expect(nextExecution()).toBe(-1)
})
