import { assert } from '../../../src/support/assert.ts'
import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'
import { Zipfian } from './zipfian.ts'

/** Zipf's law with scans in between: runs of items, each asked for once, that push the popular ones out of an LRU cache. */
export class ScanPollution implements Distribution {
  readonly order = 'popularity'
  readonly #prng: Prng
  readonly #items: number
  readonly #popular: Zipfian
  readonly #startChance: number
  readonly #scanItems: number
  #scanAt = 0
  #scanLeft = 0

  constructor(options: DistributionOptions) {
    const { items, prng, scanRatio = 0.2, scanItems = 1000 } = options
    assert(scanRatio >= 0 && scanRatio < 1, 'the part of the operations that scan is 0 to below 1')
    assert(Number.isSafeInteger(scanItems) && scanItems > 0, 'a scan has some items')
    this.#prng = prng
    this.#items = items
    this.#popular = new Zipfian(options)
    // In the mean, scans of this length that begin with this chance are the given part of all draws.
    this.#startChance = scanRatio / (scanRatio + scanItems * (1 - scanRatio))
    this.#scanItems = scanItems
  }

  next(): number {
    if (this.#scanLeft === 0 && this.#prng.nextDouble() < this.#startChance) {
      this.#scanAt = this.#prng.nextBelow(this.#items)
      this.#scanLeft = this.#scanItems
    }
    if (this.#scanLeft === 0) return this.#popular.next()
    this.#scanLeft--
    this.#scanAt = (this.#scanAt + 1) % this.#items
    return this.#scanAt
  }
}
