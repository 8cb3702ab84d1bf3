import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { SlotLists } from '../slot-lists.ts'

/** First in, first out: a hit changes nothing. */
export class Fifo implements EvictionPolicy {
  readonly #arrivals: SlotLists

  constructor(context: PolicyContext) {
    this.#arrivals = new SlotLists(context.slotsMax, 1)
  }

  onInsert(slot: number): void {
    this.#arrivals.pushFront(0, slot)
  }

  evict(): number {
    const victim = this.#arrivals.back(0)
    this.#arrivals.remove(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#arrivals.remove(slot)
  }
}
