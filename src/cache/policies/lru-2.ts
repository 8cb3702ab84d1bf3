import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { SlotHeap } from '../slot-heap.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * LRU-2 (O'Neil, O'Neil, Weikum, SIGMOD 1993) without history of who left: those asked for once leave first, in order of
 * arrival, then the one whose second-last use is longest ago.
 */
export class Lru2 implements EvictionPolicy {
  readonly #usedOnce: SlotLists
  readonly #bySecondLast: SlotHeap
  readonly #lastUse: Float64Array
  readonly #isUsedTwice: Uint8Array
  #uses = 0

  constructor(context: PolicyContext) {
    this.#usedOnce = new SlotLists(context.slotsMax, 1)
    this.#bySecondLast = new SlotHeap(context.slotsMax)
    this.#lastUse = new Float64Array(context.slotsMax)
    this.#isUsedTwice = new Uint8Array(context.slotsMax)
  }

  onHit(slot: number): void {
    const secondLast = this.#lastUse[slot] as number
    this.#lastUse[slot] = this.#uses++
    if (this.#isUsedTwice[slot] === 1) {
      this.#bySecondLast.change(slot, secondLast)
      return
    }
    this.#isUsedTwice[slot] = 1
    this.#usedOnce.remove(slot)
    this.#bySecondLast.add(slot, secondLast)
  }

  onInsert(slot: number): void {
    this.#lastUse[slot] = this.#uses++
    this.#isUsedTwice[slot] = 0
    this.#usedOnce.pushFront(0, slot)
  }

  evict(): number {
    const earliest = this.#usedOnce.back(0)
    const victim = earliest === noSlot ? this.#bySecondLast.first() : earliest
    this.onRemove(victim)
    return victim
  }

  onRemove(slot: number): void {
    if (this.#isUsedTwice[slot] === 1) this.#bySecondLast.remove(slot)
    else this.#usedOnce.remove(slot)
  }
}
