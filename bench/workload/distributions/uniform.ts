import { assert } from '../../../src/support/assert.ts'
import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution } from './distribution.ts'

/** Every item alike: the worst case of any cache. */
export class Uniform implements Distribution {
  readonly order = 'popularity'
  readonly #prng: Prng
  readonly #items: number

  constructor({ items, prng }: { readonly items: number; readonly prng: Prng }) {
    assert(Number.isSafeInteger(items) && items >= 1, 'there is at least one item to draw')
    this.#prng = prng
    this.#items = items
  }

  next(): number {
    return this.#prng.nextBelow(this.#items)
  }
}
