/**
 * Numbers 64-bit ids from 0 in order of first appearance. Open addressing over typed arrays keyed by both halves of the
 * id: ids pass 2^53, where a double would merge them, and a Map of millions of BigInt stops the thread to rehash.
 */
export class DenseIds {
  #lows = new Uint32Array(initialSlots)
  #highs = new Uint32Array(initialSlots)
  /** The dense id plus one, 0 where the slot is free. */
  #numbers = new Uint32Array(initialSlots)
  #count = 0

  /** How many different ids were seen. */
  get count(): number {
    return this.#count
  }

  /** The number of this id, a new one at its first appearance. */
  numberOf(low: number, high: number): number {
    if (this.#count * 2 >= this.#numbers.length) this.#double()
    const slot = this.#find(low, high)
    const known = this.#numbers[slot]
    if (known !== undefined && known !== 0) return known - 1
    this.#lows[slot] = low
    this.#highs[slot] = high
    this.#numbers[slot] = ++this.#count
    return this.#count - 1
  }

  /** The slot that holds the id, or the free one where it belongs. */
  #find(low: number, high: number): number {
    const mask = this.#numbers.length - 1
    let slot = hash(low, high) & mask
    while (this.#numbers[slot] !== 0 && (this.#lows[slot] !== low || this.#highs[slot] !== high)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  #double(): void {
    const { lows, highs, numbers } = { lows: this.#lows, highs: this.#highs, numbers: this.#numbers }
    this.#lows = new Uint32Array(lows.length * 2)
    this.#highs = new Uint32Array(lows.length * 2)
    this.#numbers = new Uint32Array(lows.length * 2)
    for (const [index, number] of numbers.entries()) {
      if (number === 0) continue
      const low = lows[index] ?? 0
      const high = highs[index] ?? 0
      const slot = this.#find(low, high)
      this.#lows[slot] = low
      this.#highs[slot] = high
      this.#numbers[slot] = number
    }
  }
}

const initialSlots = 1024

function hash(low: number, high: number): number {
  let mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0xc2b2ae35)
  return mixed ^ (mixed >>> 13)
}
