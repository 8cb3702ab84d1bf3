import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { SlotSet } from '../slot-set.ts'

/**
 * Hyperbolic caching (Blankstein, Sen, Freedman, USENIX ATC 2017): worth is uses over age since arrival, which falls while
 * nobody asks; the least worthy of a random sample leaves.
 */
export class Hyperbolic implements EvictionPolicy {
  readonly #weights: Uint32Array | undefined
  readonly #samples: number
  readonly #residents: SlotSet
  readonly #uses: Uint32Array
  readonly #arrivedAt: Float64Array
  readonly #random: () => number
  #requests = 0

  constructor(context: PolicyContext, parameters: { samples: number; perByte: number }) {
    this.#weights = parameters.perByte === 1 ? context.weights : undefined
    this.#samples = parameters.samples
    this.#residents = new SlotSet(context.slotsMax)
    this.#uses = new Uint32Array(context.slotsMax)
    this.#arrivedAt = new Float64Array(context.slotsMax)
    this.#random = context.random
  }

  onHit(slot: number): void {
    this.#requests++
    this.#uses[slot] = (this.#uses[slot] as number) + 1
  }

  onMiss(): void {
    this.#requests++
  }

  onInsert(slot: number): void {
    this.#uses[slot] = 1
    this.#arrivedAt[slot] = this.#requests
    this.#residents.add(slot)
  }

  evict(): number {
    let victim = this.#draw()
    let leastWorth = this.#worth(victim)
    for (let drawn = 1; drawn < this.#samples; drawn++) {
      const candidate = this.#draw()
      const worth = this.#worth(candidate)
      if (worth < leastWorth) {
        victim = candidate
        leastWorth = worth
      }
    }
    this.#residents.remove(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#residents.remove(slot)
  }

  #draw(): number {
    return this.#residents.at(Math.floor(this.#random() * this.#residents.size))
  }

  #worth(slot: number): number {
    const age = this.#requests - (this.#arrivedAt[slot] as number)
    return (this.#uses[slot] as number) / (Math.max(age, 1) * weightOf(this.#weights, slot))
  }
}
