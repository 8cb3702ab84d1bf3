import { type PolicyContext, weightOf } from './policy.ts'
import { noSlot, type SlotLists } from './slot-lists.ts'

/**
 * Slots that left but are remembered, the oldest forgotten first, within a bound of units and of slots. A ghost is in no
 * other list, so the queue takes a list of the policy's own family.
 */
export class GhostQueue {
  readonly #context: PolicyContext
  readonly #weights: Uint32Array | undefined
  readonly #unitsMax: number
  readonly #ghostsMax: number
  readonly #lists: SlotLists
  readonly #list: number
  readonly #remembered: Uint8Array
  #units = 0
  #ghosts = 0

  constructor(context: PolicyContext, parts: { lists: SlotLists; list: number; unitsMax: number }) {
    this.#context = context
    this.#weights = context.weights
    this.#unitsMax = parts.unitsMax
    this.#ghostsMax = context.ghostsMax ?? Number.POSITIVE_INFINITY
    this.#lists = parts.lists
    this.#list = parts.list
    this.#remembered = new Uint8Array(context.slotsMax)
  }

  get units(): number {
    return this.#units
  }

  has(slot: number): boolean {
    return this.#remembered[slot] === 1
  }

  add(slot: number): void {
    const weight = weightOf(this.#weights, slot)
    if (weight > this.#unitsMax || this.#ghostsMax === 0) return
    while (this.#units + weight > this.#unitsMax || this.#ghosts >= this.#ghostsMax) this.forgetOldest()
    this.#lists.pushFront(this.#list, slot)
    this.#remembered[slot] = 1
    this.#units += weight
    this.#ghosts++
  }

  /** Uses a ghost up; false where the slot is none. */
  take(slot: number): boolean {
    if (this.#remembered[slot] === 0) return false
    this.#unlink(slot)
    return true
  }

  forgetOldest(): void {
    const oldest = this.#lists.back(this.#list)
    if (oldest === noSlot) return
    this.#unlink(oldest)
    this.#context.onForgotten(oldest)
  }

  #unlink(slot: number): void {
    this.#lists.remove(slot)
    this.#remembered[slot] = 0
    this.#units -= weightOf(this.#weights, slot)
    this.#ghosts--
  }
}
