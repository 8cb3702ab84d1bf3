import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { SlotHeap } from '../slot-heap.ts'

/**
 * Greedy dual, size and frequency (Cherkasova 1998): worth is uses by size on top of what the last victim was worth, so a
 * large object has to be asked for more often. The cost of a miss is 1. The newcomer competes with the others for its place, as
 * in libCacheSim: if it is worth least before there is room, it is the one that goes.
 */
export class Gdsf implements EvictionPolicy {
  readonly #context: PolicyContext
  readonly #weights: Uint32Array | undefined
  readonly #byWorth: SlotHeap
  readonly #uses: Uint32Array
  #units = 0
  #age = 0
  #newcomerWorth = 0

  constructor(context: PolicyContext) {
    this.#context = context
    this.#weights = context.weights
    this.#byWorth = new SlotHeap(context.slotsMax)
    this.#uses = new Uint32Array(context.slotsMax)
  }

  onHit(slot: number): void {
    const uses = (this.#uses[slot] as number) + 1
    this.#uses[slot] = uses
    this.#byWorth.change(slot, this.#worth(slot, uses))
  }

  accepts(slot: number): boolean {
    const weight = weightOf(this.#weights, slot)
    this.#newcomerWorth = this.#worth(slot, 1)
    while (this.#units + weight > this.#context.capacity) {
      if (this.#byWorth.keyOf(this.#byWorth.first()) > this.#newcomerWorth) {
        this.#age = this.#newcomerWorth
        return false
      }
      this.#context.onEvicted(this.evict())
    }
    return true
  }

  onInsert(slot: number): void {
    this.#uses[slot] = 1
    this.#units += weightOf(this.#weights, slot)
    this.#byWorth.add(slot, this.#newcomerWorth)
  }

  evict(): number {
    const victim = this.#byWorth.first()
    this.#age = this.#byWorth.keyOf(victim)
    this.onRemove(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#units -= weightOf(this.#weights, slot)
    this.#byWorth.remove(slot)
  }

  /** Scaled as libCacheSim scales it, because sums of doubles round otherwise and ties would be others. */
  #worth(slot: number, uses: number): number {
    return this.#age + (uses * usesScale) / weightOf(this.#weights, slot)
  }
}

const usesScale = 1e6
