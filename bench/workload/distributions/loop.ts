import { assert } from '../../../src/support/assert.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'

/** All items in turn, again and again, workers by turns: LRU misses every time in a cache that is one item too small. */
export class Loop implements Distribution {
  readonly order = 'age'
  readonly #items: number
  readonly #step: number
  #at: number

  constructor({ items, start }: Pick<DistributionOptions, 'items' | 'start'>) {
    assert(Number.isSafeInteger(items) && items >= 1, 'there is at least one item to draw')
    const { share, worker, workers } = start ?? { share: 0, worker: 0, workers: 1 }
    this.#items = items
    this.#step = workers % items
    this.#at = (Math.floor(share * items) + worker) % items
  }

  next(): number {
    const number = this.#at
    const next = number + this.#step
    this.#at = next >= this.#items ? next - this.#items : next
    return number
  }
}
