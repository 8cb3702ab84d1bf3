import { GhostQueue } from '../ghost-queue.ts'
import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

export type S3FifoParameters = {
  readonly smallRatio: number
  readonly ghostRatio: number
  /** Hits in the small queue from which an object goes on to the main one. */
  readonly threshold: number
  /** 1 as in libCacheSim 0.3.5: until the first eviction, what the small queue cannot hold goes to the main one. */
  readonly fillMainFirst: number
}

/**
 * S3-FIFO (Yang, Zhang, Qiu, Yue, Rashmi, SOSP 2023): a small queue in which one-hit wonders leave soon, a main queue with
 * second chances, and a ghost queue of who left the small one and is let into the main one on return.
 */
export class S3Fifo implements EvictionPolicy {
  readonly #context: PolicyContext
  readonly #weights: Uint32Array | undefined
  readonly #smallMax: number
  readonly #mainMax: number
  readonly #threshold: number
  /** More hits count for nothing, and what is not counted need not be written. */
  readonly #hitsMax: number
  readonly #lists: SlotLists
  readonly #ghosts: GhostQueue
  readonly #hits: Uint8Array
  readonly #isMain: Uint8Array
  #smallUnits = 0
  #mainUnits = 0
  #returned = noSlot
  #fillsMain: boolean

  constructor(context: PolicyContext, parameters: S3FifoParameters) {
    const { capacity, slotsMax } = context
    this.#context = context
    this.#weights = context.weights
    this.#smallMax = Math.floor(capacity * parameters.smallRatio)
    this.#mainMax = capacity - this.#smallMax
    this.#threshold = parameters.threshold
    this.#hitsMax = Math.min(Math.max(chancesMax, parameters.threshold), 255)
    this.#fillsMain = parameters.fillMainFirst === 1
    this.#lists = new SlotLists(slotsMax, 3)
    const unitsMax = Math.floor(capacity * parameters.ghostRatio)
    this.#ghosts = new GhostQueue(context, { lists: this.#lists, list: ghostList, unitsMax })
    this.#hits = new Uint8Array(slotsMax)
    this.#isMain = new Uint8Array(slotsMax)
  }

  onHit(slot: number): void {
    const hits = this.#hits[slot] as number
    if (hits < this.#hitsMax) this.#hits[slot] = hits + 1
  }

  onMiss(slot: number): void {
    this.#returned = this.#ghosts.take(slot) ? slot : noSlot
  }

  accepts(slot: number): boolean {
    return weightOf(this.#weights, slot) <= this.#smallMax
  }

  onInsert(slot: number): void {
    const weight = weightOf(this.#weights, slot)
    this.#hits[slot] = 0
    if (this.#returned === slot) {
      this.#returned = noSlot
      this.#pushMain(slot)
      return
    }
    if (weight === this.#smallMax) {
      // As libCacheSim: what fills the small queue alone has room made for it and is not kept all the same.
      this.#context.onEvicted(slot)
      return
    }
    if (this.#fillsMain && this.#smallUnits >= this.#smallMax) {
      this.#pushMain(slot)
      return
    }
    this.#isMain[slot] = 0
    this.#smallUnits += weight
    this.#lists.pushFront(smallList, slot)
  }

  evict(): number {
    this.#fillsMain = false
    for (;;) {
      const fromMain = this.#mainUnits > this.#mainMax || this.#lists.isEmpty(smallList)
      const victim = fromMain ? this.#evictFromMain() : this.#evictFromSmall()
      if (victim !== noSlot) return victim
    }
  }

  onRemove(slot: number): void {
    const weight = weightOf(this.#weights, slot)
    this.#lists.remove(slot)
    if (this.#isMain[slot] === 1) this.#mainUnits -= weight
    else this.#smallUnits -= weight
  }

  remembers(slot: number): boolean {
    return this.#ghosts.has(slot)
  }

  #evictFromSmall(): number {
    for (let last = this.#lists.back(smallList); last !== noSlot; last = this.#lists.back(smallList)) {
      this.#lists.remove(last)
      this.#smallUnits -= weightOf(this.#weights, last)
      if ((this.#hits[last] as number) < this.#threshold) {
        this.#ghosts.add(last)
        return last
      }
      this.#hits[last] = 0
      this.#pushMain(last)
    }
    return noSlot
  }

  #evictFromMain(): number {
    for (;;) {
      const last = this.#lists.back(mainList)
      this.#lists.remove(last)
      const hits = this.#hits[last] as number
      if (hits === 0) {
        this.#mainUnits -= weightOf(this.#weights, last)
        return last
      }
      this.#hits[last] = Math.min(hits, chancesMax) - 1
      this.#lists.pushFront(mainList, last)
    }
  }

  #pushMain(slot: number): void {
    this.#isMain[slot] = 1
    this.#mainUnits += weightOf(this.#weights, slot)
    this.#lists.pushFront(mainList, slot)
  }
}

const smallList = 0
const mainList = 1
const ghostList = 2

const chancesMax = 3
