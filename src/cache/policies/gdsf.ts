import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { SlotHeap } from '../slot-heap.ts'

/**
 * Greedy dual, size and frequency (Cherkasova 1998): worth is uses by size on top of what the last victim was worth, so a
 * large object has to be asked for more often. The cost of a miss is 1.
 */
export class Gdsf implements EvictionPolicy {
  readonly #weights: Uint32Array | undefined
  readonly #byWorth: SlotHeap
  readonly #uses: Uint32Array
  #age = 0

  constructor(context: PolicyContext) {
    this.#weights = context.weights
    this.#byWorth = new SlotHeap(context.slotsMax)
    this.#uses = new Uint32Array(context.slotsMax)
  }

  onHit(slot: number): void {
    const uses = (this.#uses[slot] as number) + 1
    this.#uses[slot] = uses
    this.#byWorth.change(slot, this.#age + uses / weightOf(this.#weights, slot))
  }

  onInsert(slot: number): void {
    this.#uses[slot] = 1
    this.#byWorth.add(slot, this.#age + 1 / weightOf(this.#weights, slot))
  }

  evict(): number {
    const victim = this.#byWorth.first()
    this.#age = this.#byWorth.keyOf(victim)
    this.#byWorth.remove(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#byWorth.remove(slot)
  }
}
