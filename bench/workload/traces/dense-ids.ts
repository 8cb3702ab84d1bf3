import { assert } from '../../../src/support/assert.ts'

/**
 * Numbers 64-bit ids from 0 in order of first appearance. Open addressing over one typed array keyed by both halves of the
 * id: ids pass 2^53, where a double would merge them, and a Map throws at 2^24 entries and stops the thread to rehash below.
 */
export class DenseIds {
  /** Three words a slot, so that a look-up mostly touches one cache line: low half, high half, number plus one (0: free). */
  #slots = new Uint32Array(wordsPerSlot * initialSlots)
  #mask = initialSlots - 1
  #count = 0

  /** How many different ids were seen. */
  get count(): number {
    return this.#count
  }

  /** The number of this id, a new one at its first appearance. */
  numberOf(low: number, high: number): number {
    const slots = this.#slots
    const mask = this.#mask
    for (let slot = hash(low, high) & mask; ; slot = (slot + 1) & mask) {
      const word = slot * wordsPerSlot
      const known = slots[word + 2] as number
      if (known === 0) return this.#add(word, low, high)
      if (slots[word] === low && slots[word + 1] === high) return known - 1
    }
  }

  #add(word: number, low: number, high: number): number {
    this.#slots[word] = low
    this.#slots[word + 1] = high
    this.#slots[word + 2] = ++this.#count
    if (this.#count * 2 > this.#mask) this.#double()
    return this.#count - 1
  }

  #double(): void {
    const from = this.#slots
    const mask = this.#mask * 2 + 1
    assert(mask < slotsMax, `a trace has at most ${slotsMax / 2} objects`)
    const to = new Uint32Array(wordsPerSlot * (mask + 1))
    for (let word = 0; word < from.length; word += wordsPerSlot) {
      if (from[word + 2] === 0) continue
      const low = from[word] as number
      const high = from[word + 1] as number
      let slot = hash(low, high) & mask
      while (to[wordsPerSlot * slot + 2] !== 0) slot = (slot + 1) & mask
      to[wordsPerSlot * slot] = low
      to[wordsPerSlot * slot + 1] = high
      to[wordsPerSlot * slot + 2] = from[word + 2] as number
    }
    this.#slots = to
    this.#mask = mask
  }
}

const wordsPerSlot = 3
const initialSlots = 1024

// Words are indexed by doubles beyond 2^31, and a table of this size takes 6 GiB.
const slotsMax = 2 ** 29

function hash(low: number, high: number): number {
  let mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
  return mixed ^ (mixed >>> 13)
}
