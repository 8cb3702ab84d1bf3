/** What may be in one list at a time. */
export type Linked<Item> = { previous: Item | undefined; next: Item | undefined; isListed: boolean }

/**
 * Items in the order in which they were added, by links that they carry: for things that come and go by the request, so
 * that none allocates. Links of what has left are cut, so that an old item keeps no younger one alive.
 */
export class InOrder<Item extends Linked<Item>> {
  #first: Item | undefined
  #last: Item | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): Item | undefined {
    return this.#first
  }

  add(item: Item): void {
    item.isListed = true
    item.previous = this.#last
    if (this.#last === undefined) this.#first = item
    else this.#last.next = item
    this.#last = item
    this.#size++
  }

  /** Whether it was there. */
  delete(item: Item): boolean {
    if (!item.isListed) return false
    const { previous, next } = item
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    item.isListed = false
    item.previous = undefined
    item.next = undefined
    this.#size--
    return true
  }

  /** As they are now: a copy, so that they may leave meanwhile. */
  toArray(): Item[] {
    const items: Item[] = []
    for (let item = this.#first; item !== undefined; item = item.next) items.push(item)
    return items
  }
}
