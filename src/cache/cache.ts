import { LRUCache } from 'lru-cache'
import type { Clock } from '../support/clock.ts'
import { Epochs } from './epochs.ts'

/** What the cache keeps of an answer: the value, or that there is none. */
export type CacheLookup<Value> =
  | { readonly kind: 'hit'; readonly value: Value }
  | { readonly kind: 'negative' }
  | { readonly kind: 'miss' }

export type CacheOptions = {
  /** Bound on everything held, index and bookkeeping included. */
  readonly bytesMax: number
  /** The part of the bound that negative entries may take, so that a flood of absent handles evicts no record. */
  readonly negativeBytesMax: number
  readonly negativeTtlSeconds: number
  /** Bound on entries: one index table must stay far below the 2^24 entries at which V8's Map ends. */
  readonly entriesMax: number
}

/** Counters since the start; gauges as they are now. */
export type CacheStatistics = {
  readonly policy: string
  readonly bytesMax: number
  readonly bytes: number
  readonly entries: number
  readonly negativeEntries: number
  readonly hits: number
  readonly misses: number
  readonly negativeHits: number
  readonly evictions: number
}

/**
 * The hot cache: least recently used leaves first (`lru-cache`), bounded by bytes, expiring by each entry's own ttl.
 * An entry is served only while its key's epoch is the one under which it was read, so none outlives a write.
 */
export class Cache<Value extends object> {
  readonly #epochs: Epochs
  readonly #clock: Clock
  readonly #options: CacheOptions
  readonly #records: LRUCache<string, Entry<Value>>
  readonly #absences: LRUCache<string, Absence>
  #hits = 0
  #misses = 0
  #negativeHits = 0
  #evictions = 0

  constructor(options: CacheOptions, parts: { clock: Clock; epochs?: Epochs }) {
    this.#options = options
    this.#clock = parts.clock
    this.#epochs = parts.epochs ?? new Epochs()
    const dispose = (_value: unknown, _key: string, reason: string): void => {
      if (reason === 'evict') this.#evictions++
    }
    this.#records = new LRUCache<string, Entry<Value>>({
      maxSize: Math.max(1, options.bytesMax - options.negativeBytesMax),
      dispose,
    })
    this.#absences = new LRUCache<string, Absence>({
      maxSize: Math.max(1, options.negativeBytesMax),
      dispose,
    })
  }

  lookup(key: string): CacheLookup<Value> {
    const nowMs = this.#clock.nowMs()
    const entry = this.#records.get(key)
    if (entry !== undefined) {
      if (this.#isFresh(key, entry, nowMs)) {
        this.#hits++
        return entry.lookup
      }
      this.#records.delete(key)
    }
    const absence = this.#absences.get(key)
    if (absence !== undefined) {
      if (this.#isFresh(key, absence, nowMs)) {
        this.#negativeHits++
        return negative
      }
      this.#absences.delete(key)
    }
    this.#misses++
    return miss
  }

  /** The epoch under which a read for this key starts; `store…` takes it back with what was read. */
  epochOf(key: string): number {
    return this.#epochs.current(key)
  }

  /** Keeps a record that was read under `epoch`, unless it has been written since. */
  storeRecord(key: string, value: Value, facts: { epoch: number; bytes: number; ttlSeconds: number }): void {
    if (facts.ttlSeconds <= 0 || this.#epochs.current(key) !== facts.epoch) return
    const expiresAtMs = this.#clock.nowMs() + facts.ttlSeconds * 1000
    const entry = { lookup: { kind: 'hit', value }, epoch: facts.epoch, expiresAtMs } as const
    if (this.#records.size >= this.#options.entriesMax && !this.#records.has(key)) this.#records.pop()
    this.#records.set(key, entry, { size: facts.bytes + textBytes(key) + entryOverheadBytes })
  }

  /** Keeps that a key read under `epoch` has no record. */
  storeAbsence(key: string, facts: { epoch: number }): void {
    if (this.#options.negativeTtlSeconds <= 0 || this.#epochs.current(key) !== facts.epoch) return
    const expiresAtMs = this.#clock.nowMs() + this.#options.negativeTtlSeconds * 1000
    if (this.#absences.size >= this.#options.entriesMax && !this.#absences.has(key)) this.#absences.pop()
    this.#absences.set(
      key,
      { epoch: facts.epoch, expiresAtMs },
      { size: textBytes(key) + absenceOverheadBytes },
    )
  }

  /** Makes what is held for the key, here and in every cache that shares the epochs, unservable from now on. */
  invalidate(key: string): void {
    this.#epochs.advance(key)
    this.#records.delete(key)
    this.#absences.delete(key)
  }

  statistics(): CacheStatistics {
    return {
      policy: 'lru',
      bytesMax: this.#options.bytesMax,
      bytes: this.#records.calculatedSize + this.#absences.calculatedSize,
      entries: this.#records.size,
      negativeEntries: this.#absences.size,
      hits: this.#hits,
      misses: this.#misses,
      negativeHits: this.#negativeHits,
      evictions: this.#evictions,
    }
  }

  #isFresh(key: string, entry: Absence, nowMs: number): boolean {
    return nowMs < entry.expiresAtMs && this.#epochs.current(key) === entry.epoch
  }
}

type Absence = { readonly epoch: number; readonly expiresAtMs: number }
type Entry<Value> = Absence & { readonly lookup: { readonly kind: 'hit'; readonly value: Value } }

const miss = { kind: 'miss' } as const
const negative = { kind: 'negative' } as const

// Estimates of the heap bytes that one entry costs beyond its key and its response bytes: objects, index and buffer headers.
const entryOverheadBytes = 480
const absenceOverheadBytes = 200

function textBytes(text: string): number {
  return text.length + 16
}
