import { LRUCache } from 'lru-cache'
import type { Clock } from '../support/clock.ts'
import {
  type Cache,
  type CacheLookup,
  type CacheOptions,
  type CacheStatistics,
  miss,
  negative,
} from './cache.ts'
import { Epochs } from './epochs.ts'

/** Entries beyond which `lru-cache` must not be asked to go: its Map ends at 2^24 and stalls to rehash long before. */
export const heapEntriesMax = 16_000_000

/**
 * Least recently used leaves first, over `lru-cache`: records as objects, which makes a hit fast, on the garbage-collected
 * heap, which makes a cache of many GiB slow to collect.
 */
export class HeapCache<Value extends object> implements Cache<Value> {
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

  hit(key: string, accepts: (value: Value) => boolean): Value | undefined {
    const entry = this.#records.get(key)
    if (entry === undefined || !this.#isFresh(key, entry, this.#clock.nowMs())) return undefined
    const { value } = entry.lookup
    if (!accepts(value)) return undefined
    this.#hits++
    return value
  }

  epochOf(key: string): number {
    return this.#epochs.current(key)
  }

  storeRecord(key: string, value: Value, facts: { epoch: number; bytes: number; ttlSeconds: number }): void {
    if (facts.ttlSeconds <= 0 || this.#epochs.current(key) !== facts.epoch) return
    const expiresAtMs = this.#clock.nowMs() + facts.ttlSeconds * 1000
    const entry = { lookup: { kind: 'hit', value }, epoch: facts.epoch, expiresAtMs } as const
    if (this.#records.size >= this.#options.entriesMax && !this.#records.has(key)) this.#records.pop()
    this.#records.set(key, entry, { size: facts.bytes + textBytes(key) + entryOverheadBytes })
  }

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

// What an entry takes of resident memory beyond its key and bytes (objects, index, buffers and the collector's own room), as
// `npm run bench:cache-memory` measures it at a million entries.
const entryOverheadBytes = 920
const absenceOverheadBytes = 245

function textBytes(text: string): number {
  return text.length + 16
}
