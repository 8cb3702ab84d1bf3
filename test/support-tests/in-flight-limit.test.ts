import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { InFlightLimit } from '../../src/support/in-flight-limit.ts'

/** Work that ends when it is told. */
function openWork() {
  const started: (() => void)[] = []
  let mostAtOnce = 0
  let atOnce = 0
  const work = async (): Promise<void> => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    await new Promise<void>((resolve) => started.push(resolve))
    atOnce--
  }
  return { work, started, mostAtOnce: () => mostAtOnce }
}

test('no more than the bound goes on at once, and those who wait come in the order in which they asked', async () => {
  const limit = new InFlightLimit({ least: 2, most: 2 })
  const order: number[] = []
  const { work, started, mostAtOnce } = openWork()
  const all = Array.from({ length: 6 }, (_, place) =>
    limit.run(async () => {
      order.push(place)
      await work()
    }),
  )
  while (order.length < 6 || started.length > 0) {
    started.shift()?.()
    await turn()
  }
  await Promise.all(all)
  expect(mostAtOnce()).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
  expect([limit.inFlight, limit.waiting]).toEqual([0, 0])
})

test('the bound grows while others wait and all goes well, up to the most', async () => {
  const limit = new InFlightLimit({ least: 1, most: 8 })
  expect(limit.inFlightMax).toBe(2)
  await Promise.all(Array.from({ length: 200 }, () => limit.run(() => turn())))
  expect(limit.inFlightMax).toBe(8)
})

test('a sign of overload halves the bound once for what was under way together, never below the least', async () => {
  const limit = new InFlightLimit({ least: 2, most: 64 })
  expect(limit.inFlightMax).toBe(16)
  for (let signs = 0; signs < 10; signs++) limit.overloaded()
  expect(limit.inFlightMax).toBe(8)
  for (let rounds = 0; rounds < 20; rounds++) {
    for (let count = 0; count < limit.inFlightMax; count++) await limit.run(() => turn())
    limit.overloaded()
  }
  expect(limit.inFlightMax).toBe(2)
})

test('work that fails leaves its place to the next', async () => {
  const limit = new InFlightLimit({ least: 1, most: 1 })
  const failing = limit.run(() => Promise.reject(new Error('broken')))
  const next = limit.run(async () => 'done')
  await expect(failing).rejects.toThrow('broken')
  expect(await next).toBe('done')
  expect(limit.inFlight).toBe(0)
})
