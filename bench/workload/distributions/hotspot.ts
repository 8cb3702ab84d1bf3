import { assert } from '../../../src/support/assert.ts'
import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'

/** A hot part of the items takes a given share of the operations, each part uniform within: a cache either holds it or not. */
export class Hotspot implements Distribution {
  readonly order = 'popularity'
  readonly #prng: Prng
  readonly #items: number
  readonly #hotItems: number
  readonly #hotOperationsRatio: number

  constructor({ items, prng, hotItemsRatio = 0.2, hotOperationsRatio = 0.8 }: DistributionOptions) {
    assert(Number.isSafeInteger(items) && items >= 1, 'there is at least one item to draw')
    assert(hotItemsRatio > 0 && hotItemsRatio <= 1, 'the hot part of the items is above 0 and at most 1')
    assert(hotOperationsRatio >= 0 && hotOperationsRatio <= 1, 'the hot part of the operations is 0 to 1')
    this.#prng = prng
    this.#items = items
    this.#hotItems = Math.ceil(items * hotItemsRatio)
    this.#hotOperationsRatio = hotOperationsRatio
  }

  next(): number {
    const coldItems = this.#items - this.#hotItems
    if (coldItems === 0 || this.#prng.nextDouble() < this.#hotOperationsRatio)
      return this.#prng.nextBelow(this.#hotItems)
    return this.#hotItems + this.#prng.nextBelow(coldItems)
  }
}
