import { assert } from '../../../src/support/assert.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'

/** All items in turn, again and again: LRU misses every time in a cache that is one item too small. */
export class Loop implements Distribution {
  readonly order = 'age'
  readonly #items: number
  #at = 0

  constructor({ items }: Pick<DistributionOptions, 'items'>) {
    assert(Number.isSafeInteger(items) && items >= 1, 'there is at least one item to draw')
    this.#items = items
  }

  next(): number {
    const number = this.#at
    this.#at = number + 1 === this.#items ? 0 : number + 1
    return number
  }
}
