import { type EvictionPolicy, type PolicyContext, weightOf } from '../../src/cache/policy.ts'
import { SlotHeap } from '../../src/cache/slot-heap.ts'
import type { DenseTrace } from '../workload/traces/dense-trace.ts'

/** Offline optima by name: not policies of the table, because they are functions of the trace and no node can run them. */
export const offlineOptima = {
  /** Who is used farthest in the future leaves (Belady 1966), also for an object that is never used again: as libCacheSim. */
  belady: (trace: DenseTrace) => (context: PolicyContext) => new Belady(context, trace, { bypass: false }),
  /** The same, but an object that would be the next to leave is not kept at all: as Caffeine's Clairvoyant, slightly lower. */
  'belady-bypass': (trace: DenseTrace) => (context: PolicyContext) =>
    new Belady(context, trace, { bypass: true }),
} as const

export type OfflineOptimumName = keyof typeof offlineOptima

/** Optimal for objects of one size; where bytes are counted it is a bound that is often good, and no more. */
class Belady implements EvictionPolicy {
  readonly #context: PolicyContext
  readonly #bypass: boolean
  readonly #nextUseOf: Float64Array
  /** Residents by their next use, negated: the farthest first. */
  readonly #byNextUse: SlotHeap
  #units = 0
  #request = -1

  constructor(context: PolicyContext, trace: DenseTrace, options: { bypass: boolean }) {
    this.#context = context
    this.#bypass = options.bypass
    this.#nextUseOf = nextUses(trace)
    this.#byNextUse = new SlotHeap(context.slotsMax)
  }

  onHit(slot: number): void {
    this.#request++
    this.#byNextUse.change(slot, -this.#nextUse())
  }

  onMiss(): void {
    this.#request++
  }

  accepts(slot: number): boolean {
    if (!this.#bypass) return true
    if (this.#nextUse() === Number.POSITIVE_INFINITY) return false
    if (this.#units + this.#weightOf(slot) <= this.#context.capacity) return true
    return -this.#byNextUse.keyOf(this.#byNextUse.first()) > this.#nextUse()
  }

  onInsert(slot: number): void {
    this.#units += this.#weightOf(slot)
    this.#byNextUse.add(slot, -this.#nextUse())
  }

  evict(): number {
    const farthest = this.#byNextUse.first()
    this.onRemove(farthest)
    return farthest
  }

  onRemove(slot: number): void {
    this.#units -= this.#weightOf(slot)
    this.#byNextUse.remove(slot)
  }

  #nextUse(): number {
    return this.#nextUseOf[this.#request] as number
  }

  #weightOf(slot: number): number {
    return weightOf(this.#context.weights, slot)
  }
}

/** The position of the next request for each request's object, by one pass from the end: a trace's own may reach beyond a cut. */
function nextUses(trace: DenseTrace): Float64Array {
  const seenAt = new Float64Array(trace.objects).fill(Number.POSITIVE_INFINITY)
  const nextUseOf = new Float64Array(trace.requests)
  for (let request = trace.requests - 1; request >= 0; request--) {
    const object = trace.objectOf[request] as number
    nextUseOf[request] = seenAt[object] as number
    seenAt[object] = request
  }
  return nextUseOf
}
