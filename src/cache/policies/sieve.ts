import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * SIEVE (Zhang, Yang, Yue, Vigfusson, Rashmi, NSDI 2024): one queue in order of arrival and a hand that walks from its end,
 * takes the visited mark of whom it passes and drops the first without one. Nothing is moved, so new objects are sifted at once.
 */
export class Sieve implements EvictionPolicy {
  readonly #arrivals: SlotLists
  readonly #visited: Uint8Array
  #hand = noSlot

  constructor(context: PolicyContext) {
    this.#arrivals = new SlotLists(context.slotsMax, 1)
    this.#visited = new Uint8Array(context.slotsMax)
  }

  onHit(slot: number): void {
    this.#visited[slot] = 1
  }

  onInsert(slot: number): void {
    this.#visited[slot] = 0
    this.#arrivals.pushFront(0, slot)
  }

  evict(): number {
    let candidate = this.#hand === noSlot ? this.#arrivals.back(0) : this.#hand
    while (this.#visited[candidate] === 1) {
      this.#visited[candidate] = 0
      candidate = this.#arrivals.towardsFront(candidate)
      if (candidate === noSlot) candidate = this.#arrivals.back(0)
    }
    this.#hand = this.#arrivals.towardsFront(candidate)
    this.#arrivals.remove(candidate)
    return candidate
  }

  onRemove(slot: number): void {
    if (slot === this.#hand) this.#hand = this.#arrivals.towardsFront(slot)
    this.#arrivals.remove(slot)
  }
}
