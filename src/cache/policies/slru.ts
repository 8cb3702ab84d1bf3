import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * Segmented LRU (Karedla, Love, Wherry 1994) with equal segments: a hit climbs one segment, whoever is pushed out of a
 * segment cools down to the one below.
 */
export class Slru implements EvictionPolicy {
  readonly #context: PolicyContext
  readonly #weights: Uint32Array | undefined
  readonly #segmentMax: number
  readonly #segments: number
  readonly #lists: SlotLists
  readonly #segmentOf: Uint8Array
  readonly #units: Float64Array

  constructor(context: PolicyContext, parameters: { segments: number }) {
    this.#context = context
    this.#weights = context.weights
    this.#segments = parameters.segments
    this.#segmentMax = Math.floor(context.capacity / parameters.segments)
    this.#lists = new SlotLists(context.slotsMax, parameters.segments)
    this.#segmentOf = new Uint8Array(context.slotsMax)
    this.#units = new Float64Array(parameters.segments)
  }

  onHit(slot: number): void {
    const segment = this.#segmentOf[slot] as number
    const above = segment + 1
    if (above === this.#segments) {
      this.#lists.remove(slot)
      this.#lists.pushFront(segment, slot)
      return
    }
    this.#unlink(slot, segment)
    this.#push(slot, above)
    this.#cool(above)
  }

  accepts(slot: number): boolean {
    return weightOf(this.#weights, slot) <= this.#segmentMax
  }

  onInsert(slot: number): void {
    const weight = weightOf(this.#weights, slot)
    this.#push(slot, this.#lowestWithRoom(weight))
  }

  evict(): number {
    let segment = 0
    while (this.#lists.isEmpty(segment)) segment++
    const victim = this.#lists.back(segment)
    this.#unlink(victim, segment)
    return victim
  }

  onRemove(slot: number): void {
    this.#unlink(slot, this.#segmentOf[slot] as number)
  }

  #lowestWithRoom(weight: number): number {
    for (let segment = 0; segment < this.#segments; segment++) {
      if (this.#unitsOf(segment) + weight <= this.#segmentMax) return segment
    }
    return 0
  }

  #cool(from: number): void {
    for (let segment = from; segment >= 0 && this.#unitsOf(segment) > this.#segmentMax; segment--) {
      while (this.#unitsOf(segment) > this.#segmentMax) {
        const coolest = this.#lists.back(segment)
        if (coolest === noSlot) return
        this.#unlink(coolest, segment)
        if (segment > 0) this.#push(coolest, segment - 1)
        else this.#context.onEvicted(coolest)
      }
    }
  }

  #push(slot: number, segment: number): void {
    this.#segmentOf[slot] = segment
    this.#units[segment] = this.#unitsOf(segment) + weightOf(this.#weights, slot)
    this.#lists.pushFront(segment, slot)
  }

  #unlink(slot: number, segment: number): void {
    this.#lists.remove(slot)
    this.#units[segment] = this.#unitsOf(segment) - weightOf(this.#weights, slot)
  }

  #unitsOf(segment: number): number {
    return this.#units[segment] as number
  }
}
