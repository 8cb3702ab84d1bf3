import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { SlotHeap } from '../slot-heap.ts'

/**
 * Least frequently used with dynamic aging (Arlitt, Cherkasova, Dilley, Friedrich, Jin 1999): a use is worth what the last
 * victim was worth plus the uses so far, so that old favourites grow old.
 */
export class LfuDynamicAging implements EvictionPolicy {
  readonly #byWorth: SlotHeap
  readonly #uses: Uint32Array
  #age = 0

  constructor(context: PolicyContext) {
    this.#byWorth = new SlotHeap(context.slotsMax)
    this.#uses = new Uint32Array(context.slotsMax)
  }

  onHit(slot: number): void {
    const uses = (this.#uses[slot] as number) + 1
    this.#uses[slot] = uses
    this.#byWorth.change(slot, this.#age + uses)
  }

  onInsert(slot: number): void {
    this.#uses[slot] = 1
    this.#byWorth.add(slot, this.#age + 1)
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
