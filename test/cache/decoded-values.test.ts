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
  const untilKept = () => [hit(), hit(), hit()].at(-1)
  expect(untilKept()).toBe(hit())
  store('second')
  expect(hit()).toEqual({ text: 'second' })
  cache.invalidate('88.1/A')
  expect(hit()).toBeUndefined()
})

test('an object is made of what is asked for twice in turn, and not while the one at its place is', () => {
  const decoded = new DecodedValues<object>({ bytesMax: 1 })
  expect([decoded.wants(1), decoded.wants(2), decoded.wants(1), decoded.wants(1)]).toEqual([
    false,
    false,
    false,
    true,
  ])
  decoded.keep(1, {}, 100)
  decoded.get(1)
  // The hit keeps the place once; then the other has to be asked for twice in turn as well.
  expect([decoded.wants(2), decoded.wants(2), decoded.wants(2)]).toEqual([false, false, true])
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
