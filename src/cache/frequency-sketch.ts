/**
 * A count-min sketch of four-bit counters that halves itself after each sample of additions, so that it follows what is
 * popular now (TinyLFU: Einziger, Friedman, Manes, ACM Transactions on Storage 2017).
 */
export class FrequencySketch {
  #table: Int32Array
  #mask: number

  /** Sixteen counters for each of the objects that are to be told apart. */
  constructor(objects: number) {
    const words = 2 ** Math.ceil(Math.log2(Math.max(objects, 8))) * 2
    this.#table = new Int32Array(words)
    this.#mask = words - 1
  }

  /** Counts up the hash's counters that are not full. */
  add(hash: number): void {
    for (let row = 0; row < rows; row++) {
      const mixed = mix(hash, row)
      const word = mixed & this.#mask
      const shift = ((mixed >>> 29) & 7) << 2
      const counters = this.#table[word] as number
      if (((counters >>> shift) & 15) < 15) this.#table[word] = counters + (1 << shift)
    }
  }

  estimate(hash: number): number {
    let least = 15
    for (let row = 0; row < rows; row++) {
      const mixed = mix(hash, row)
      const counters = this.#table[mixed & this.#mask] as number
      least = Math.min(least, (counters >>> (((mixed >>> 29) & 7) << 2)) & 15)
    }
    return least
  }

  /** Takes twice as many objects; estimates stay as they are, because each half holds all that was counted. */
  double(): void {
    const wider = new Int32Array(2 * this.#table.length)
    wider.set(this.#table)
    wider.set(this.#table, this.#table.length)
    this.#table = wider
    this.#mask = wider.length - 1
  }

  halve(): void {
    const table = this.#table
    for (let word = 0; word < table.length; word++) table[word] = ((table[word] as number) >>> 1) & 0x77777777
  }
}

const rows = 4
const rowSeeds = Int32Array.of(0x5bd1e995, 0x1b873593, 0x7feb352d, 0x2c1b3c6d)

function mix(hash: number, row: number): number {
  let mixed = Math.imul(hash ^ (hash >>> 16), rowSeeds[row] as number)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b)
  return mixed ^ (mixed >>> 16)
}
