import type { Cache } from '../../src/cache/cache.ts'
import { HeapCache } from '../../src/cache/heap-cache.ts'
import { parseHandle } from '../../src/identifier/handle.ts'
import { systemClock } from '../../src/support/clock.ts'
import { handles } from './inputs.ts'
import { type MicroSuite, taskOver } from './suite.ts'

/** Every resolve looks a key up; most find it. */
export const cacheHitSuite: MicroSuite = () => {
  const limits = {
    bytesMax: 2 ** 26,
    negativeBytesMax: 2 ** 20,
    negativeTtlSeconds: 86_400,
    entriesMax: 100_000,
  }
  const cache = new HeapCache<{ readonly number: number }>(limits, { clock: systemClock })
  const keys = handles.map((handle) => parseHandle(handle).key)
  for (const [number, key] of keys.entries()) {
    cache.storeRecord(key, { number }, { epoch: cache.epochOf(key), bytes: 300, ttlSeconds: 86_400 })
  }
  const absent = keys.map((key) => `${key}-ABSENT`)
  for (const key of absent) cache.storeAbsence(key, { epoch: cache.epochOf(key) })
  return [
    taskOver('hit of the cache', keys, (key) => lookup(cache, key, 'hit')),
    taskOver('negative hit of the cache', absent, (key) => lookup(cache, key, 'negative')),
  ]
}

function lookup(
  cache: Cache<{ readonly number: number }>,
  key: string,
  expected: 'hit' | 'negative',
): number {
  return cache.lookup(key).kind === expected ? 1 : 0
}
