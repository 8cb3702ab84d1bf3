import { expect, test } from 'vitest'
import { SingleFlight } from '../../src/support/single-flight.ts'

test('callers of one key share the call under way, and its result or failure', async () => {
  const flights = new SingleFlight<string>()
  for (const settle of ['resolve', 'reject'] as const) {
    const work = Promise.withResolvers<string>()
    let calls = 0
    const callers = Array.from({ length: 1000 }, () =>
      flights.run('key', 0, () => {
        calls++
        return work.promise
      }),
    )
    work[settle]('result')
    const outcomes = await Promise.allSettled(callers)
    expect(calls).toBe(1)
    for (const outcome of outcomes) {
      expect(outcome.status === 'fulfilled' ? outcome.value : outcome.reason).toBe('result')
    }
  }
})

test('a call that has settled is not joined: the next caller starts one of its own', async () => {
  const flights = new SingleFlight<number>()
  expect(await flights.run('key', 0, async () => 1)).toBe(1)
  await expect(flights.run('key', 0, () => Promise.reject(new Error('down')))).rejects.toThrow('down')
  expect(await flights.run('key', 0, async () => 3)).toBe(3)
})

test('calls for other keys, or under another token, are not joined', async () => {
  const flights = new SingleFlight<string>()
  const old = Promise.withResolvers<string>()
  const before = flights.run('key', 0, () => old.promise)
  const fresh = Promise.withResolvers<string>()
  const after = flights.run('key', 1, () => fresh.promise)
  expect(await flights.run('other', 0, async () => 'elsewhere')).toBe('elsewhere')
  old.resolve('old')
  expect(await before).toBe('old')
  // The older call has ended, and must not have taken the younger one's place away with it.
  expect(flights.run('key', 1, async () => 'not joined')).toBe(after)
  fresh.resolve('fresh')
  expect(await after).toBe('fresh')
})
