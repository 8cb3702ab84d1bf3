import { type EvictionPolicy, type PolicyContext, weightOf } from '../policy.ts'
import { noSlot, SlotLists } from '../slot-lists.ts'

/**
 * Adaptive replacement cache (Megiddo, Modha, FAST 2003, figure 4): T1 was seen once lately, T2 at least twice, B1 and B2
 * are their ghosts, and a ghost hit moves the target size of T1 towards the list that would have had it: by one unit or more, as
 * libCacheSim does for bytes too, or with `byWeight` by as much as the object that returned weighs.
 */
export class Arc implements EvictionPolicy {
  readonly #context: PolicyContext
  readonly #weights: Uint32Array | undefined
  readonly #capacity: number
  readonly #ghostsMax: number
  readonly #byWeight: boolean
  readonly #lists: SlotLists
  readonly #listOf: Uint8Array
  readonly #units = new Float64Array(5)
  #ghosts = 0
  /** Target size of T1: the paper's p. */
  #target = 0
  #returnedFrom = nowhere

  constructor(context: PolicyContext, { byWeight }: { readonly byWeight: number }) {
    this.#byWeight = byWeight !== 0
    this.#context = context
    this.#weights = context.weights
    this.#capacity = context.capacity
    this.#ghostsMax = context.ghostsMax ?? Number.POSITIVE_INFINITY
    this.#lists = new SlotLists(context.slotsMax, 5)
    this.#listOf = new Uint8Array(context.slotsMax)
  }

  onHit(slot: number): void {
    if (this.#listOf[slot] === t2) {
      this.#lists.remove(slot)
      this.#lists.pushFront(t2, slot)
      return
    }
    this.#unlink(slot)
    this.#push(slot, t2)
  }

  onMiss(slot: number): void {
    const from = this.#listOf[slot] as number
    this.#returnedFrom = from
    if (from === nowhere) return
    const inB1 = this.#unitsOf(b1)
    const inB2 = this.#unitsOf(b2)
    const step = this.#byWeight ? weightOf(this.#weights, slot) : 1
    if (from === b1) this.#target = Math.min(this.#target + step * Math.max(inB2 / inB1, 1), this.#capacity)
    else this.#target = Math.max(this.#target - step * Math.max(inB1 / inB2, 1), 0)
    this.#unlink(slot)
    this.#ghosts--
  }

  onInsert(slot: number): void {
    this.#push(slot, this.#returnedFrom === nowhere ? t1 : t2)
    this.#returnedFrom = nowhere
  }

  evict(offered: number): number {
    if (this.#returnedFrom !== nowhere) return this.#replace()
    const firstLevel = this.#unitsOf(t1) + this.#unitsOf(b1)
    if (firstLevel + weightOf(this.#weights, offered) > this.#capacity) {
      if (this.#lists.isEmpty(b1)) return this.#takeLast(t1)
      this.#forgetLast(b1)
      return this.#replace()
    }
    const total = firstLevel + this.#unitsOf(t2) + this.#unitsOf(b2)
    if (total >= 2 * this.#capacity) this.#forgetLast(b2)
    return this.#replace()
  }

  onRemove(slot: number): void {
    this.#unlink(slot)
  }

  remembers(slot: number): boolean {
    const list = this.#listOf[slot] as number
    return list === b1 || list === b2
  }

  #replace(): number {
    const recent = this.#unitsOf(t1)
    const fromT1 =
      !this.#lists.isEmpty(t1) &&
      (recent > this.#target || (this.#returnedFrom === b2 && recent === this.#target))
    if (fromT1 || this.#lists.isEmpty(t2)) return this.#toGhosts(t1, b1)
    return this.#toGhosts(t2, b2)
  }

  #toGhosts(from: number, ghostList: number): number {
    const victim = this.#takeLast(from)
    if (this.#ghosts >= this.#ghostsMax)
      this.#forgetLast(this.#lists.isEmpty(ghostList) ? b1 + b2 - ghostList : ghostList)
    if (this.#ghostsMax === 0) return victim
    this.#push(victim, ghostList)
    this.#ghosts++
    return victim
  }

  #forgetLast(ghostList: number): void {
    if (this.#lists.isEmpty(ghostList)) return
    const oldest = this.#takeLast(ghostList)
    this.#ghosts--
    this.#context.onForgotten(oldest)
  }

  #takeLast(list: number): number {
    const last = this.#lists.back(list)
    if (last !== noSlot) this.#unlink(last)
    return last
  }

  #push(slot: number, list: number): void {
    this.#listOf[slot] = list
    this.#units[list] = this.#unitsOf(list) + weightOf(this.#weights, slot)
    this.#lists.pushFront(list, slot)
  }

  #unlink(slot: number): void {
    const list = this.#listOf[slot] as number
    this.#lists.remove(slot)
    this.#listOf[slot] = nowhere
    this.#units[list] = this.#unitsOf(list) - weightOf(this.#weights, slot)
  }

  #unitsOf(list: number): number {
    return this.#units[list] as number
  }
}

const nowhere = 0
const t1 = 1
const t2 = 2
const b1 = 3
const b2 = 4
