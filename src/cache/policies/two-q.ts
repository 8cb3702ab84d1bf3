import { GhostQueue } from '../ghost-queue.ts'
import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * 2Q (Johnson, Shasha, VLDB 1994): newcomers pass through the queue A1in; who is asked for again after leaving it, while
 * still remembered in A1out, enters the LRU list Am.
 */
export class TwoQ implements EvictionPolicy {
  readonly #context: PolicyContext
  readonly #weights: Uint32Array | undefined
  readonly #arrivalMax: number
  readonly #mainMax: number
  readonly #lists: SlotLists
  readonly #ghosts: GhostQueue
  readonly #isMain: Uint8Array
  #arrivalUnits = 0
  #mainUnits = 0
  #returned = noSlot

  constructor(context: PolicyContext, parameters: { inRatio: number; outRatio: number }) {
    const { capacity, slotsMax } = context
    this.#context = context
    this.#weights = context.weights
    this.#arrivalMax = Math.floor(capacity * parameters.inRatio)
    this.#mainMax = capacity - this.#arrivalMax
    this.#lists = new SlotLists(slotsMax, 3)
    const unitsMax = Math.floor(capacity * parameters.outRatio)
    this.#ghosts = new GhostQueue(context, { lists: this.#lists, list: ghostList, unitsMax })
    this.#isMain = new Uint8Array(slotsMax)
  }

  onHit(slot: number): void {
    if (this.#isMain[slot] === 0) return
    this.#lists.remove(slot)
    this.#lists.pushFront(mainList, slot)
  }

  onMiss(slot: number): void {
    this.#returned = this.#ghosts.take(slot) ? slot : noSlot
  }

  accepts(slot: number): boolean {
    return weightOf(this.#weights, slot) <= this.#arrivalMax
  }

  onInsert(slot: number): void {
    const weight = weightOf(this.#weights, slot)
    if (this.#returned === slot) {
      this.#returned = noSlot
      while (this.#mainUnits + weight > this.#mainMax) this.#context.onEvicted(this.#takeLast(mainList))
      this.#isMain[slot] = 1
      this.#mainUnits += weight
      this.#lists.pushFront(mainList, slot)
      return
    }
    this.#isMain[slot] = 0
    this.#arrivalUnits += weight
    this.#lists.pushFront(arrivalList, slot)
  }

  evict(): number {
    if (!this.#lists.isEmpty(mainList) && this.#arrivalUnits <= this.#arrivalMax) {
      return this.#takeLast(mainList)
    }
    const victim = this.#takeLast(arrivalList)
    this.#ghosts.add(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#unlink(slot)
  }

  remembers(slot: number): boolean {
    return this.#ghosts.has(slot)
  }

  #takeLast(list: number): number {
    const last = this.#lists.back(list)
    this.#unlink(last)
    return last
  }

  #unlink(slot: number): void {
    const weight = weightOf(this.#weights, slot)
    this.#lists.remove(slot)
    if (this.#isMain[slot] === 1) this.#mainUnits -= weight
    else this.#arrivalUnits -= weight
  }
}

const arrivalList = 0
const mainList = 1
const ghostList = 2
