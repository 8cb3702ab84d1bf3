/** First in, first out, without a new array or table for each that passes; see `InOrder` for why that matters. */
export class WaitingLine<Item> {
  readonly #items: (Item | undefined)[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: Item): void {
    this.#items.push(item)
  }

  shift(): Item | undefined {
    if (this.#head === this.#items.length) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head === this.#items.length) {
      this.#items.length = 0
      this.#head = 0
    } else if (this.#head === headMax) {
      this.#items.splice(0, this.#head)
      this.#head = 0
    }
    return item
  }
}

/** So many places are left empty at the front before the rest moves up. */
const headMax = 4096
