import { expect, test } from 'vitest'
import type { Cache, CacheOptions } from '../../src/cache/cache.ts'
import { Epochs } from '../../src/cache/epochs.ts'
import type { ValueCodec } from '../../src/cache/slab-cache.ts'
import type { Clock } from '../../src/support/clock.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** A value of the contract's tests. */
export type Text = { readonly text: string }

const readText: ValueCodec<Text>['view'] = (source, start) => ({
  text: source.toString('utf8', start + 4, start + 4 + source.readUInt32LE(start)),
})

export const textCodec: ValueCodec<Text> = {
  bytesOf: ({ text }) => 4 + Buffer.byteLength(text),
  write: ({ text }, target, start) => {
    target.writeUInt32LE(target.write(text, start + 4), start)
  },
  read: readText,
  view: readText,
}

const options = { bytesMax: 2 ** 20, negativeBytesMax: 2 ** 14, negativeTtlSeconds: 30, entriesMax: 1000 }

/** What the node relies on, whatever the policy is and wherever the records lie. */
export function cacheContract(
  open: (options: CacheOptions, parts: { clock: Clock; epochs: Epochs }) => Cache<Text>,
): void {
  const opened = (changed: Partial<CacheOptions> = {}) => {
    const clock = new FakeClock()
    const epochs = new Epochs()
    const cache = open({ ...options, ...changed }, { clock, epochs })
    const store = (key: string, text: string, ttlSeconds = 60): void =>
      cache.storeRecord(key, { text }, { epoch: cache.epochOf(key), bytes: text.length, ttlSeconds })
    const found = (key: string): string | undefined => {
      const lookup = cache.lookup(key)
      return lookup.kind === 'hit' ? lookup.value.text : lookup.kind
    }
    return { cache, clock, epochs, store, found }
  }

  test('a record is found under its key alone, in any script and of any length', () => {
    const { store, found } = opened()
    const keys = ['88.1/A', '88.1/B', '88.1/é', '88.1/二级节点', '88.1/𝟘', `88.1/${'x'.repeat(2000)}`, '8']
    for (const key of keys) store(key, `of ${key}`)
    for (const key of keys) expect(found(key)).toBe(`of ${key}`)
    for (const key of ['88.1/a', '88.1/', '88.1/二级节', '']) expect(found(key)).toBe('miss')
  })

  test('a record is replaced by a later one, longer or shorter', () => {
    const { cache, store, found } = opened()
    for (const text of ['short', 'long '.repeat(500), '', 'short again']) {
      store('88.1/A', text)
      expect(found('88.1/A')).toBe(text)
      expect(cache.statistics().entries).toBe(1)
    }
  })

  test('a record is not served from its ttl on, an absence not after the time set for absences', () => {
    const { cache, clock, store, found } = opened()
    store('88.1/A', 'a', 10)
    store('88.1/B', 'b', 0)
    cache.storeAbsence('88.1/C', { epoch: cache.epochOf('88.1/C') })
    clock.advanceSeconds(9.999)
    expect([found('88.1/A'), found('88.1/B'), found('88.1/C')]).toEqual(['a', 'miss', 'negative'])
    clock.advanceSeconds(0.001)
    expect(found('88.1/A')).toBe('miss')
    expect(cache.statistics().entries).toBe(0)
    clock.advanceSeconds(20)
    expect(found('88.1/C')).toBe('miss')
    expect(cache.statistics()).toMatchObject({ bytes: 0, negativeEntries: 0 })
  })

  test('what was read before a write is neither served nor kept', () => {
    const { cache, epochs, store, found } = opened()
    store('88.1/A', 'before')
    cache.invalidate('88.1/A')
    expect(found('88.1/A')).toBe('miss')
    const epoch = cache.epochOf('88.1/A')
    epochs.advance('88.1/A')
    cache.storeRecord('88.1/A', { text: 'stale' }, { epoch, bytes: 5, ttlSeconds: 60 })
    cache.storeAbsence('88.1/A', { epoch })
    expect(found('88.1/A')).toBe('miss')
    // A write elsewhere is known by the shared epoch alone.
    store('88.1/A', 'after')
    epochs.advance('88.1/A')
    expect(found('88.1/A')).toBe('miss')
    expect(cache.statistics()).toMatchObject({ entries: 0, negativeEntries: 0, bytes: 0 })
  })

  test('a flood of absences evicts no record and stays within its own bound', () => {
    const { cache, store, found } = opened({ entriesMax: 100_000 })
    store('88.1/A', 'a')
    for (let number = 0; number < 5000; number++) {
      const key = `88.1/absent-${number}`
      cache.storeAbsence(key, { epoch: cache.epochOf(key) })
    }
    const { bytes, negativeEntries, evictions } = cache.statistics()
    expect(found('88.1/A')).toBe('a')
    expect(negativeEntries + evictions).toBe(5000)
    expect(bytes).toBeLessThan(options.negativeBytesMax + 2000)
  })

  test('bytes and entries stay within their bounds and every record is whole', () => {
    for (const changed of [{ bytesMax: 2 ** 17 }, { entriesMax: 40 }]) {
      const bounds = { ...options, ...changed }
      const { cache, store, found } = opened(changed)
      let stored = 0
      for (let number = 0; number < 3000; number++) {
        const key = `88.1/${number % 7 === 0 ? number % 50 : number}`
        const expected = `${key} `.repeat(1 + (number % 60))
        const before = found(key)
        expect(before === 'miss' || before?.startsWith(`${key} `)).toBe(true)
        store(key, expected)
        stored++
        const { bytes, entries } = cache.statistics()
        expect(bytes).toBeLessThanOrEqual(bounds.bytesMax)
        expect(entries).toBeLessThanOrEqual(bounds.entriesMax)
      }
      const { hits, misses } = cache.statistics()
      expect(hits + misses).toBe(stored)
    }
  })

  test('a record larger than the cache is not kept and takes no room', () => {
    const { cache, store, found } = opened()
    store('88.1/A', 'a')
    store('88.1/B', 'b'.repeat(2 ** 20))
    expect([found('88.1/A'), found('88.1/B')]).toEqual(['a', 'miss'])
    expect(cache.statistics().entries).toBe(1)
  })

  test('a record that the caller does not accept counts as nothing, one that it accepts as a hit', () => {
    const { cache, store } = opened()
    store('88.1/A', 'a')
    expect(cache.hit('88.1/A', ({ text }) => text === 'b')).toBeUndefined()
    expect(cache.hit('88.1/B', () => true)).toBeUndefined()
    expect(cache.statistics()).toMatchObject({ hits: 0, misses: 0 })
    expect(cache.hit('88.1/A', ({ text }) => text === 'a')).toEqual({ text: 'a' })
    expect(cache.statistics()).toMatchObject({ hits: 1, misses: 0 })
  })

  test('what a lookup gave stays as it was while the cache goes on', () => {
    const { cache, store } = opened({ bytesMax: 2 ** 17 })
    store('88.1/A', 'kept '.repeat(100))
    const lookup = cache.lookup('88.1/A')
    for (let number = 0; number < 5000; number++) store(`88.1/${number}`, 'other '.repeat(100))
    expect(lookup).toEqual({ kind: 'hit', value: { text: 'kept '.repeat(100) } })
  })
}
