import { hashText } from './hash-text.ts'

/**
 * One counter for each of many groups of keys. A write to a key advances its group's counter; what was read before
 * that is stale from then on, without a message to whoever holds it. Memory may be shared between threads.
 */
export class Epochs {
  readonly #counters: Int32Array

  /** `memory` holds a power of two of 32-bit counters; two keys of one group only cost a needless miss. */
  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(epochGroups * 4)) {
    this.#counters = new Int32Array(memory)
  }

  /** The epoch to remember with what is about to be read for this key. */
  current(key: string): number {
    return this.currentByHash(hashText(key))
  }

  /** The same for a key whose hash is known. */
  currentByHash(hash: number): number {
    return Atomics.load(this.#counters, hash & (this.#counters.length - 1))
  }

  /** Makes everything remembered for this key stale; called after the write is visible and before it is acknowledged. */
  advance(key: string): void {
    Atomics.add(this.#counters, hashText(key) & (this.#counters.length - 1), 1)
  }
}

const epochGroups = 65_536
