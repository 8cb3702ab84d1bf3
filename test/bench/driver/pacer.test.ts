import { expect, test } from 'vitest'
import { openPacer } from '../../../bench/driver/pacer.ts'
import { systemClock } from '../../../src/support/clock.ts'

const never = new AbortController().signal

test('a sleep never ends before its time, and a hundred in a row keep to their own times', async () => {
  const pacer = await openPacer(systemClock)
  const startNs = systemClock.nowNs()
  for (let index = 1; index <= 100; index++) {
    const untilNs = startNs + index * 500_000
    await pacer.sleepUntilNs(untilNs, never)
    expect(systemClock.nowNs()).toBeGreaterThanOrEqual(untilNs)
  }
  await pacer.close()
})

test('waiting costs a small part of the time waited, so the node beside it keeps its core', async () => {
  const pacer = await openPacer(systemClock)
  await pacer.sleepUntilNs(systemClock.nowNs() + 1e6, never)
  const startNs = systemClock.nowNs()
  const before = process.cpuUsage()
  for (let index = 1; index <= 200; index++) await pacer.sleepUntilNs(startNs + index * 1e6, never)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) * 1000).toBeLessThan((systemClock.nowNs() - startNs) * 0.6)
  await pacer.close()
})

test('a sleep lets the event loop turn, even to a time that has passed', async () => {
  const pacer = await openPacer(systemClock)
  let turned = false
  setImmediate(() => {
    turned = true
  })
  await pacer.sleepUntilNs(systemClock.nowNs() - 1, never)
  expect(turned).toBe(true)
  await pacer.close()
})

test('an abort ends a long sleep at once, and the pacer still closes', async () => {
  const pacer = await openPacer(systemClock)
  const stop = new AbortController()
  setTimeout(() => stop.abort(), 20)
  // Short enough to be slept through before the test's own time is over.
  const dueNs = systemClock.nowNs() + 10e9
  await pacer.sleepUntilNs(dueNs, stop.signal)
  expect(systemClock.nowNs()).toBeLessThan(dueNs)
  await pacer.close()
})
