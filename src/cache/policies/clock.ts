import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { SlotLists } from '../slot-lists.ts'

/**
 * CLOCK (Corbató 1968), here with a counter of k bits: a hit counts up, and whoever is at the end with a count left goes
 * round once more with one less.
 */
export class Clock implements EvictionPolicy {
  readonly #queue: SlotLists
  readonly #counters: Uint8Array
  readonly #counterMax: number

  constructor(context: PolicyContext, parameters: { bits: number }) {
    this.#queue = new SlotLists(context.slotsMax, 1)
    this.#counters = new Uint8Array(context.slotsMax)
    this.#counterMax = 2 ** Math.min(parameters.bits, 8) - 1
  }

  onHit(slot: number): void {
    const counter = this.#counters[slot] as number
    if (counter < this.#counterMax) this.#counters[slot] = counter + 1
  }

  onInsert(slot: number): void {
    this.#counters[slot] = 0
    this.#queue.pushFront(0, slot)
  }

  evict(): number {
    for (;;) {
      const last = this.#queue.back(0)
      this.#queue.remove(last)
      const counter = this.#counters[last] as number
      if (counter === 0) return last
      this.#counters[last] = counter - 1
      this.#queue.pushFront(0, last)
    }
  }

  onRemove(slot: number): void {
    this.#queue.remove(slot)
  }
}
