import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { SlotSet } from '../slot-set.ts'

/** Chance decides who leaves: the floor under every policy that claims to know better. */
export class RandomReplacement implements EvictionPolicy {
  readonly #residents: SlotSet
  readonly #random: () => number

  constructor(context: PolicyContext) {
    this.#residents = new SlotSet(context.slotsMax)
    this.#random = context.random
  }

  onInsert(slot: number): void {
    this.#residents.add(slot)
  }

  evict(): number {
    const victim = this.#residents.at(Math.floor(this.#random() * this.#residents.size))
    this.#residents.remove(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#residents.remove(slot)
  }
}
