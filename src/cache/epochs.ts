import { TextHash } from './text-hash.ts'

/**
 * One counter for each of many groups of keys. A write to a key advances its group's counter; what was read before
 * that is stale from then on, without a message to whoever holds it. Memory may be shared between threads.
 */
export class Epochs {
  readonly #counters: Int32Array
  readonly #hash: TextHash

  /**
   * `counters` holds a power of two of 32-bit counters; two keys of one group only cost a needless miss. Threads that share
   * them share the hash's secret too. A single thread's own unless given.
   */
  constructor({ counters, hash }: { readonly counters?: SharedArrayBuffer; readonly hash?: TextHash } = {}) {
    this.#counters = new Int32Array(counters ?? new SharedArrayBuffer(epochGroups * 4))
    this.#hash = hash ?? new TextHash()
  }

  /** The hash of a key, for whoever needs it for more than one epoch. */
  hashOf(key: string): number {
    return this.#hash.of(key)
  }

  /** The epoch to remember with what is about to be read for this key. */
  current(key: string): number {
    return this.currentByHash(this.#hash.of(key))
  }

  /** The same for a key whose hash is known. */
  currentByHash(hash: number): number {
    return Atomics.load(this.#counters, hash & (this.#counters.length - 1))
  }

  /** Makes everything remembered for this key stale; called after the write is visible and before it is acknowledged. */
  advance(key: string): void {
    Atomics.add(this.#counters, this.#hash.of(key) & (this.#counters.length - 1), 1)
  }
}

const epochGroups = 65_536
