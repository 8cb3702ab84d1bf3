import { LRUCache } from 'lru-cache'
import type { Cache } from '../../src/cache/cache.ts'
import { openCache } from '../../src/cache/open-cache.ts'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { KeptRecord, type ResolvedRecord, resolvedRecord } from '../../src/resolved-record.ts'
import { resolvedRecordCodec } from '../../src/resolved-record-codec.ts'
import { systemClock } from '../../src/support/clock.ts'
import { generator, records } from './inputs.ts'

/** One way to hold records in memory, as `bench:cache-memory` fills it. */
export type MemoryEngine = {
  /** Holds the record of an ordinal. */
  store(ordinal: number): void
  /** Asks for it; false where it is not held. */
  has(ordinal: number): boolean
  /** Bytes that the engine itself accounts for, and entries. */
  counted(): { readonly bytes: number; readonly entries: number }
}

/** The engines compared, by the name in the table: built for so many entries. */
export const memoryEngines: Readonly<Record<string, (entries: number) => MemoryEngine>> = {
  'lru-cache, strings': stringEngine,
  'lru, heap': (entries) => nodeEngine({ entries, policy: 'lru', memory: 'heap' }),
  'lru, slab': (entries) => nodeEngine({ entries, policy: 'lru', memory: 'slab' }),
  'sieve, slab': (entries) => nodeEngine({ entries, policy: 'sieve', memory: 'slab' }),
  's3-fifo, slab': (entries) => nodeEngine({ entries, policy: 's3-fifo', memory: 'slab' }),
  'absences, heap': (entries) => absenceEngine({ entries, memory: 'heap' }),
  'absences, slab': (entries) => absenceEngine({ entries, memory: 'slab' }),
}

/** Bytes of key and record of an average entry, which every engine has to hold somehow. */
export function payloadBytesMean(): number {
  const total = samples.reduce(
    (sum, { publicBody, encoded, handle }) => sum + publicBody.length + encoded.length + 2 * handle.length,
    0,
  )
  return total / samples.length
}

function nodeEngine(options: { entries: number; policy: string; memory: 'heap' | 'slab' }): MemoryEngine {
  const { entries, policy, memory } = options
  const cache: Cache<ResolvedRecord> = openCache(
    { bytesMax: 2 ** 45, negativeBytesMax: 0, negativeTtlSeconds: 0, entriesMax: entries, policy, memory },
    { clock: systemClock, codec: resolvedRecordCodec },
  )
  return {
    store: (ordinal) => {
      const key = keyOf(ordinal)
      const record = recordOf(ordinal)
      const bytes = record.publicBody.length + record.encoded.length + record.handle.length
      cache.storeRecord(key, record, { epoch: cache.epochOf(key), bytes, ttlSeconds: record.ttlSeconds })
    },
    has: (ordinal) => cache.lookup(keyOf(ordinal)).kind === 'hit',
    counted: () => cache.statistics(),
  }
}

function absenceEngine({ entries, memory }: { entries: number; memory: 'heap' | 'slab' }): MemoryEngine {
  const cache: Cache<ResolvedRecord> = openCache(
    {
      bytesMax: 2 ** 45,
      negativeBytesMax: 2 ** 44,
      negativeTtlSeconds: 86_400,
      entriesMax: entries,
      policy: 'lru',
      memory,
    },
    { clock: systemClock, codec: resolvedRecordCodec },
  )
  return {
    store: (ordinal) => {
      const key = keyOf(ordinal)
      cache.storeAbsence(key, { epoch: cache.epochOf(key) })
    },
    has: (ordinal) => cache.lookup(keyOf(ordinal)).kind === 'negative',
    counted: () => {
      const { bytes, negativeEntries } = cache.statistics()
      return { bytes, entries: negativeEntries }
    },
  }
}

function stringEngine(entries: number): MemoryEngine {
  const cache = new LRUCache<string, { readonly body: string; readonly encoded: string }>({ max: entries })
  return {
    store: (ordinal) => {
      const { publicBody, encoded } = recordOf(ordinal)
      const value = { body: publicBody.toString('latin1'), encoded: Buffer.from(encoded).toString('latin1') }
      cache.set(keyOf(ordinal), value)
    },
    has: (ordinal) => cache.get(keyOf(ordinal)) !== undefined,
    counted: () => ({ bytes: 0, entries: cache.size }),
  }
}

// Records of all kinds, made once: what differs from one entry to the next is its key, what counts here is their sizes.
const samples = records.map((record) => resolvedRecord(encodeRecord(record), 0))

function keyOf(ordinal: number): string {
  return parseHandle(generator.handleOf(ordinal)).key
}

/** A record with bytes of its own, allocated as the node allocates them: the answer in Node's pool, the rest by the store. */
function recordOf(ordinal: number): ResolvedRecord {
  const sample = samples[ordinal % samples.length] as ResolvedRecord
  const encoded = Buffer.allocUnsafeSlow(sample.encoded.length)
  encoded.set(sample.encoded)
  const { isWhollyPublic, ttlSeconds, untilSeconds, bodyBytes } = sample
  const facts = { isWhollyPublic, ttlSeconds, untilSeconds, bodyBytes, encoded }
  return new KeptRecord(
    { ...facts, handle: generator.handleOf(ordinal) },
    { body: Buffer.from(sample.publicBody) },
  )
}
