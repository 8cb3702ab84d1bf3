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
    return Atomics.load(this.#counters, this.#groupOf(key))
  }

  /** Makes everything remembered for this key stale; called after the write is visible and before it is acknowledged. */
  advance(key: string): void {
    Atomics.add(this.#counters, this.#groupOf(key), 1)
  }

  #groupOf(key: string): number {
    return hashText(key) & (this.#counters.length - 1)
  }
}

const epochGroups = 65_536

/** FNV-1a over UTF-16 units (Fowler, Noll, Vo): spreads keys over groups, protects nothing. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let position = 0; position < text.length; position++) {
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193)
  }
  return hash ^ (hash >>> 15)
}
