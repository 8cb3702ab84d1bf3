import { expect, test } from 'vitest'
import { DecodedValues } from '../../src/cache/decoded-values.ts'
import { openCache } from '../../src/cache/open-cache.ts'
import { type Text, textCodec } from '../contract/cache-contract.ts'
import { FakeClock } from '../support/fake-clock.ts'

test('a record that is hit again is the same object, until it is stored anew', () => {
  const cache = openCache<Text>(
    {
      bytesMax: 1 << 20,
      negativeBytesMax: 0,
      negativeTtlSeconds: 0,
      entriesMax: 100,
      policy: 'lru',
      memory: 'slab',
    },
    { clock: new FakeClock(), codec: textCodec },
  )
  const store = (text: string): void =>
    cache.storeRecord('88.1/A', { text }, { epoch: cache.epochOf('88.1/A'), bytes: 0, ttlSeconds: 60 })
  const hit = () => cache.hit('88.1/A', () => true)
  store('first')
  const untilKept = () => [hit(), hit(), hit(), hit()].at(-1)
  expect(untilKept()).toBe(hit())
  store('second')
  expect(hit()).toEqual({ text: 'second' })
  cache.invalidate('88.1/A')
  expect(hit()).toBeUndefined()
})

test('an object is made of what is asked for four times more than the others of its place', () => {
  const decoded = new DecodedValues<object>({ bytesMax: 1 })
  const wants = (...slots: number[]) => slots.map((slot) => decoded.wants(slot))
  expect(wants(1, 1, 1, 1)).toEqual([false, false, false, true])
  const inTurn = new DecodedValues<object>({ bytesMax: 1 })
  expect([1, 2, 1, 2, 1, 2, 1, 2, 1, 2].map((slot) => inTurn.wants(slot))).not.toContain(true)
})

test('it keeps its place while it is asked for, and for as many askings of others as it was hit', () => {
  const decoded = new DecodedValues<object>({ bytesMax: 1 })
  const value = {}
  decoded.keep(1, value, 100)
  for (let hit = 0; hit < 3; hit++) expect(decoded.get(1)).toBe(value)
  const asked = Array.from({ length: 7 }, () => decoded.wants(2))
  expect(asked).toEqual([false, false, false, false, false, false, true])
  const popular = new DecodedValues<object>({ bytesMax: 1 })
  popular.keep(1, value, 100)
  for (let round = 0; round < 100; round++) {
    expect(popular.get(1)).toBe(value)
    expect(popular.wants(2)).toBe(false)
  }
})

test('objects are few for a small cache, and a large value is none of them', () => {
  const decoded = new DecodedValues<object>({ bytesMax: 1 })
  const [one, other] = [{}, {}]
  decoded.keep(1, one, 100)
  decoded.keep(2, other, 100)
  expect([decoded.get(1), decoded.get(2)]).toEqual([undefined, other])
  decoded.keep(3, one, 1 << 20)
  expect([decoded.get(2), decoded.get(3)]).toEqual([other, undefined])
  decoded.forget(2)
  expect(decoded.get(2)).toBeUndefined()
})
