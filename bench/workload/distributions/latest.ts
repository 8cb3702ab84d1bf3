import type { Distribution } from './distribution.ts'
import { Zipfian, type ZipfianOptions } from './zipfian.ts'

/** The newer, the more popular: Zipf's law over recency, in a set that grows while it is asked. */
export class Latest implements Distribution {
  readonly order = 'age'
  readonly #recency: Zipfian
  #items: number

  constructor(options: ZipfianOptions) {
    this.#recency = new Zipfian(options)
    this.#items = options.items
  }

  next(): number {
    return this.#items - 1 - this.#recency.next()
  }

  grow(items: number): void {
    this.#recency.grow(items)
    this.#items = items
  }
}
