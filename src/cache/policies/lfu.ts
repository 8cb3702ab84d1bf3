import type { EvictionPolicy, PolicyContext } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * Least frequently used while resident, in constant time (Shah, Mitra, Matani 2010): one queue for each number of uses that
 * occurs, the queues in order of that number. Among the least used the one that reached that number first leaves.
 */
export class Lfu implements EvictionPolicy {
  readonly #queues: SlotLists
  readonly #ladder: SlotLists
  readonly #rungOf: Uint32Array
  readonly #uses: Float64Array
  readonly #freeRungs: Uint32Array
  #freeCount: number

  constructor(context: PolicyContext) {
    // One rung more than slots, because a slot climbs to a new rung before its old one is given back.
    const rungs = Math.min(context.slotsMax, rungsMax) + 1
    this.#queues = new SlotLists(context.slotsMax, rungs)
    this.#ladder = new SlotLists(rungs, 1)
    this.#rungOf = new Uint32Array(context.slotsMax)
    this.#uses = new Float64Array(rungs)
    this.#freeRungs = new Uint32Array(rungs)
    for (let rung = 0; rung < rungs; rung++) this.#freeRungs[rung] = rungs - 1 - rung
    this.#freeCount = rungs
  }

  onHit(slot: number): void {
    const rung = this.#rungOf[slot] as number
    const uses = (this.#uses[rung] as number) + 1
    let above = this.#ladder.towardsFront(rung)
    if (above === noSlot || this.#uses[above] !== uses) {
      // With every rung taken the slot stays on its own, at the end of the queue: order is kept, the exact count is not.
      if (this.#freeCount === 0) above = rung
      else above = this.#newRung(uses, rung)
    }
    this.#queues.remove(slot)
    this.#queues.pushFront(above, slot)
    this.#rungOf[slot] = above
    this.#dropIfEmpty(rung)
  }

  onInsert(slot: number): void {
    let lowest = this.#ladder.back(0)
    if (lowest === noSlot || this.#uses[lowest] !== 1) lowest = this.#newRung(1, noSlot)
    this.#queues.pushFront(lowest, slot)
    this.#rungOf[slot] = lowest
  }

  evict(): number {
    const victim = this.#queues.back(this.#ladder.back(0))
    this.onRemove(victim)
    return victim
  }

  onRemove(slot: number): void {
    this.#queues.remove(slot)
    this.#dropIfEmpty(this.#rungOf[slot] as number)
  }

  #newRung(uses: number, below: number): number {
    const rung = this.#freeRungs[--this.#freeCount] as number
    this.#uses[rung] = uses
    this.#queues.clear(rung)
    if (below === noSlot) this.#ladder.pushBack(0, rung)
    else this.#ladder.insertBefore(below, rung)
    return rung
  }

  #dropIfEmpty(rung: number): void {
    if (!this.#queues.isEmpty(rung)) return
    this.#ladder.remove(rung)
    this.#freeRungs[this.#freeCount++] = rung
  }
}

// So many different counts at once need half of this squared requests: 3 × 10^10.
const rungsMax = 2 ** 18
