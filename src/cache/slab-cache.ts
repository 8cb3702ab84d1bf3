import type { Clock } from '../support/clock.ts'
import {
  type Cache,
  type CacheLookup,
  type CacheOptions,
  type CacheStatistics,
  miss,
  negative,
} from './cache.ts'
import { DecodedValues } from './decoded-values.ts'
import { Epochs } from './epochs.ts'
import { Lru } from './policies/lru.ts'
import type { EvictionPolicy, PolicyContext } from './policy.ts'
import { noSlot } from './slot-lists.ts'
import { SlotTable } from './slot-table.ts'

/** How a value lies in the cache as bytes. */
export type ValueCodec<Value> = {
  bytesOf(value: Value): number
  write(value: Value, target: Buffer, start: number): void
  /**
   * The value from its bytes; copies what it keeps, because they are overwritten later: for one answer, or to stay, for which it takes
   * memory of its own, as a part of Node's pool would keep 64 KiB of what others have long done with.
   */
  read(source: Buffer, start: number, use: 'once' | 'stay'): Value
  /** The value over its bytes, valid until they are overwritten. */
  view(source: Buffer, start: number): Value
}

/**
 * Any policy over entries that lie outside the garbage-collected heap. What is looked up is copied out, for a socket may hold an
 * answer for as long as its client likes, and the bytes here move; what a turn only looks at is not, unless it is hit often
 * enough to be kept as an object.
 */
export class SlabCache<Value> implements Cache<Value> {
  readonly #options: CacheOptions & { readonly policy: string }
  readonly #clock: Clock
  readonly #epochs: Epochs
  readonly #codec: ValueCodec<Value>
  readonly #records: SlotTable
  readonly #absences: SlotTable
  readonly #decoded: DecodedValues<Value>
  #hits = 0
  #misses = 0
  #negativeHits = 0

  constructor(
    options: CacheOptions & { readonly policy: string },
    parts: {
      clock: Clock
      codec: ValueCodec<Value>
      createPolicy: (context: PolicyContext) => EvictionPolicy
      random: () => number
      epochs?: Epochs
    },
  ) {
    this.#options = options
    this.#clock = parts.clock
    this.#epochs = parts.epochs ?? new Epochs()
    this.#codec = parts.codec
    const { entriesMax, bytesMax, negativeBytesMax } = options
    const { random, createPolicy } = parts
    this.#records = new SlotTable({
      bytesMax: Math.max(1, bytesMax - negativeBytesMax),
      entriesMax,
      createPolicy,
      random,
    })
    this.#decoded = new DecodedValues(options)
    this.#absences = new SlotTable({
      bytesMax: Math.max(1, negativeBytesMax),
      entriesMax,
      createPolicy: (context) => new Lru(context),
      random,
    })
  }

  lookup(key: string): CacheLookup<Value> {
    const hash = this.#epochs.hashOf(key)
    const record = this.#freshSlot(this.#records, key, hash)
    if (record !== noSlot) {
      this.#hits++
      this.#records.onHit(record)
      return {
        kind: 'hit',
        value: this.#decoded.get(record) ?? this.#kept(record) ?? this.#copyOf(record, 'once'),
      }
    }
    const absence = this.#freshSlot(this.#absences, key, hash)
    if (absence !== noSlot) {
      this.#negativeHits++
      this.#absences.onHit(absence)
      return negative
    }
    this.#misses++
    return miss
  }

  hit(key: string, accepts: (value: Value) => boolean): Value | undefined {
    const slot = this.#freshSlot(this.#records, key, this.#epochs.hashOf(key))
    if (slot === noSlot) return undefined
    const value = this.#decoded.get(slot) ?? this.#kept(slot) ?? this.#viewOf(slot)
    if (!accepts(value)) return undefined
    this.#hits++
    this.#records.onHit(slot)
    return value
  }

  epochOf(key: string): number {
    return this.#epochs.current(key)
  }

  storeRecord(key: string, value: Value, facts: { epoch: number; ttlSeconds: number }): void {
    const hash = this.#epochs.hashOf(key)
    if (facts.ttlSeconds <= 0 || this.#epochs.currentByHash(hash) !== facts.epoch) return
    const expiresAtMs = this.#clock.nowMs() + facts.ttlSeconds * 1000
    const valueBytes = this.#codec.bytesOf(value)
    const slot = this.#records.insert(key, hash, { epoch: facts.epoch, expiresAtMs, valueBytes })
    if (slot === noSlot) return
    this.#decoded.forget(slot)
    this.#codec.write(value, this.#records.segmentOf(slot), this.#records.valueStartOf(slot))
  }

  storeAbsence(key: string, facts: { epoch: number }): void {
    const hash = this.#epochs.hashOf(key)
    const { negativeTtlSeconds } = this.#options
    if (negativeTtlSeconds <= 0 || this.#epochs.currentByHash(hash) !== facts.epoch) return
    const expiresAtMs = this.#clock.nowMs() + negativeTtlSeconds * 1000
    this.#absences.insert(key, hash, { epoch: facts.epoch, expiresAtMs, valueBytes: 0 })
  }

  invalidate(key: string): void {
    this.#epochs.advance(key)
    const hash = this.#epochs.hashOf(key)
    for (const table of [this.#records, this.#absences]) {
      const slot = table.find(key, hash)
      if (slot !== noSlot) table.remove(slot)
    }
  }

  statistics(): CacheStatistics {
    return {
      policy: this.#options.policy,
      bytesMax: this.#options.bytesMax,
      bytes: this.#records.bytes + this.#absences.bytes,
      entries: this.#records.entries,
      negativeEntries: this.#absences.entries,
      hits: this.#hits,
      misses: this.#misses,
      negativeHits: this.#negativeHits,
      evictions: this.#records.evictions + this.#absences.evictions,
    }
  }

  /** As an object that stays, where it was asked for often enough. */
  #kept(slot: number): Value | undefined {
    if (!this.#decoded.wants(slot)) return undefined
    const value = this.#copyOf(slot, 'stay')
    this.#decoded.keep(slot, value, this.#codec.bytesOf(value))
    return value
  }

  #copyOf(slot: number, use: 'once' | 'stay'): Value {
    return this.#codec.read(this.#records.segmentOf(slot), this.#records.valueStartOf(slot), use)
  }

  #viewOf(slot: number): Value {
    return this.#codec.view(this.#records.segmentOf(slot), this.#records.valueStartOf(slot))
  }

  /** The slot of a fresh entry; a stale one is taken out. */
  #freshSlot(table: SlotTable, key: string, hash: number): number {
    const slot = table.find(key, hash)
    if (slot === noSlot) return noSlot
    const epoch = this.#epochs.currentByHash(hash)
    if (table.isFresh(slot, { epoch, nowMs: this.#clock.nowMs() })) return slot
    table.remove(slot)
    return noSlot
  }
}
