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
  /** Bound on entries of either kind. */
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
 * The hot cache, bounded by bytes, expiring by each entry's own ttl. An entry is served only while its key's epoch is the one
 * under which it was read, so none outlives a write.
 */
export interface Cache<Value> {
  lookup(key: string): CacheLookup<Value>
  /**
   * A fresh record that the caller accepts, valid until the next call that may store: it may lie in memory that is used anew
   * then. Else undefined. Only the first counts as a lookup, for the others are looked up again.
   */
  hit(key: string, accepts: (value: Value) => boolean): Value | undefined
  /** The epoch under which a read for this key starts; `store…` takes it back with what was read. */
  epochOf(key: string): number
  /** Keeps a record that was read under `epoch`, unless it has been written since. */
  storeRecord(key: string, value: Value, facts: { epoch: number; bytes: number; ttlSeconds: number }): void
  /** Keeps that a key read under `epoch` has no record. */
  storeAbsence(key: string, facts: { epoch: number }): void
  /** Makes what is held for the key, here and in every cache that shares the epochs, unservable from now on. */
  invalidate(key: string): void
  statistics(): CacheStatistics
}

/** What a lookup answers where nothing can be served, and where it is known that there is nothing. */
export const miss = { kind: 'miss' } as const
export const negative = { kind: 'negative' } as const
