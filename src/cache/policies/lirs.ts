import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * LIRS (Jiang, Zhang, SIGMETRICS 2002): objects are ranked by the distance between their last two uses. The stack S, newest
 * at the front, holds those with a short one (LIR) and whoever was used since the least of them; the queue Q holds the
 * residents with a long one (HIR), of whom the oldest leaves.
 */
export class Lirs implements EvictionPolicy {
  readonly #context: PolicyContext
  readonly #weights: Uint32Array | undefined
  readonly #shortMax: number
  readonly #stackMax: number
  readonly #ghostsMax: number
  readonly #stack: SlotLists
  readonly #queues: SlotLists
  readonly #state: Uint8Array
  #shortUnits = 0
  #stackUnits = 0
  #ghosts = 0
  #returned = noSlot

  constructor(context: PolicyContext, parameters: { longRatio: number; stackRatio: number }) {
    const { capacity, slotsMax } = context
    this.#context = context
    this.#weights = context.weights
    this.#shortMax = capacity - Math.max(1, Math.floor(capacity * parameters.longRatio))
    this.#stackMax = Math.floor(capacity * parameters.stackRatio)
    this.#ghostsMax = context.ghostsMax ?? Number.POSITIVE_INFINITY
    this.#stack = new SlotLists(slotsMax, 1)
    this.#queues = new SlotLists(slotsMax, 2)
    this.#state = new Uint8Array(slotsMax)
  }

  onHit(slot: number): void {
    const state = this.#stateOf(slot)
    if (state === short) {
      this.#stack.remove(slot)
      this.#stack.pushFront(0, slot)
      this.#prune()
      return
    }
    this.#queues.remove(slot)
    if (state === longInStack) {
      this.#stack.remove(slot)
      this.#stackUnits -= weightOf(this.#weights, slot)
      this.#pushShort(slot)
      this.#demoteSurplus()
      return
    }
    this.#pushLong(slot)
  }

  onMiss(slot: number): void {
    this.#returned = noSlot
    if (this.#stateOf(slot) !== ghost) return
    this.#dropGhost(slot)
    this.#prune()
    this.#returned = slot
  }

  onInsert(slot: number): void {
    const isReturned = this.#returned === slot
    this.#returned = noSlot
    if (isReturned || this.#shortUnits + weightOf(this.#weights, slot) <= this.#shortMax) {
      this.#pushShort(slot)
      this.#demoteSurplus()
    } else {
      this.#pushLong(slot)
    }
  }

  evict(): number {
    if (this.#queues.isEmpty(residents)) this.#demoteLast()
    const victim = this.#queues.back(residents)
    this.#queues.remove(victim)
    while (this.#ghosts > 0 && this.#ghosts >= this.#ghostsMax) this.#forgetOldest()
    if (this.#stateOf(victim) === longInStack && this.#ghostsMax > 0) {
      this.#state[victim] = ghost
      this.#queues.pushFront(ghosts, victim)
      this.#ghosts++
    } else {
      this.#leaveStack(victim)
    }
    return victim
  }

  onRemove(slot: number): void {
    if (this.#stateOf(slot) === short) this.#shortUnits -= weightOf(this.#weights, slot)
    else this.#queues.remove(slot)
    this.#leaveStack(slot)
    this.#prune()
  }

  remembers(slot: number): boolean {
    return this.#stateOf(slot) === ghost
  }

  #pushShort(slot: number): void {
    this.#shortUnits += weightOf(this.#weights, slot)
    this.#pushStack(slot, short)
  }

  #pushLong(slot: number): void {
    this.#queues.pushFront(residents, slot)
    this.#pushStack(slot, longInStack)
  }

  #pushStack(slot: number, state: number): void {
    this.#state[slot] = state
    this.#stack.pushFront(0, slot)
    this.#stackUnits += weightOf(this.#weights, slot)
    while (this.#stackUnits > this.#stackMax && this.#ghosts > 0) this.#forgetOldest()
  }

  #demoteSurplus(): void {
    while (this.#shortUnits > this.#shortMax) this.#demoteLast()
    this.#prune()
  }

  /** Once pruned, the back of the stack is a LIR object, the one with the longest distance. */
  #demoteLast(): void {
    this.#prune()
    const last = this.#stack.back(0)
    this.#leaveStack(last)
    this.#shortUnits -= weightOf(this.#weights, last)
    this.#state[last] = longOutside
    this.#queues.pushFront(residents, last)
    this.#prune()
  }

  #prune(): void {
    for (let last = this.#stack.back(0); last !== noSlot; last = this.#stack.back(0)) {
      const state = this.#stateOf(last)
      if (state === short) return
      if (state === ghost) {
        this.#dropGhost(last)
        this.#context.onForgotten(last)
      } else {
        this.#leaveStack(last)
        this.#state[last] = longOutside
      }
    }
  }

  #forgetOldest(): void {
    const oldest = this.#queues.back(ghosts)
    this.#dropGhost(oldest)
    this.#context.onForgotten(oldest)
    this.#prune()
  }

  #dropGhost(slot: number): void {
    this.#queues.remove(slot)
    this.#ghosts--
    this.#leaveStack(slot)
  }

  #leaveStack(slot: number): void {
    const state = this.#stateOf(slot)
    this.#state[slot] = outside
    if (state === longOutside) return
    this.#stack.remove(slot)
    this.#stackUnits -= weightOf(this.#weights, slot)
  }

  #stateOf(slot: number): number {
    return this.#state[slot] as number
  }
}

const residents = 0
const ghosts = 1

const outside = 0
const short = 1
const longInStack = 2
const longOutside = 3
const ghost = 4
