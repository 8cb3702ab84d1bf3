import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { SlotLists } from '../slot-lists.ts'

/** Least recently used (Mattson, Gecsei, Slutz, Traiger 1970): a hit moves to the front, the back leaves. */
export class Lru implements EvictionPolicy {
  readonly #byRecency: SlotLists

  constructor(context: PolicyContext) {
    this.#byRecency = new SlotLists(context.slotsMax, 1)
  }

  onHit(slot: number): void {
    this.#byRecency.remove(slot)
    this.#byRecency.pushFront(0, slot)
  }

  onInsert(slot: number): void {
    this.#byRecency.pushFront(0, slot)
  }

  evict(): number {
    const victim = this.#byRecency.back(0)
    this.#byRecency.remove(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#byRecency.remove(slot)
  }
}
