import type {
  EvictionPolicy,
  PolicyContext,
  PolicyFactory,
  PolicyParameters,
} from '../../src/cache/policy.ts'
import { createPrng } from '../../src/support/prng.ts'

/** One step of a test: an object is asked for, or taken out. */
export type PolicyStep = { readonly object: number; readonly weight: number; readonly remove: boolean }

export type PolicyCoreOptions = {
  readonly capacity: number
  readonly unit: 'objects' | 'bytes'
  /** Objects that the steps name are below this number. */
  readonly objects: number
  /** Whether slots are given to other objects once they are free, as in a node; otherwise a slot is its object's number. */
  readonly reuseSlots: boolean
  readonly ghostsMax?: number
  readonly parameters?: PolicyParameters
}

/** The plainest core a policy can be run in, which checks every answer of the policy against what it knows itself. */
export class PolicyCore {
  readonly policy: EvictionPolicy
  readonly #options: PolicyCoreOptions
  readonly #weights: Uint32Array
  readonly #slotOf = new Map<number, number>()
  readonly #objectOf = new Map<number, number>()
  readonly #free: number[] = []
  readonly residents = new Set<number>()
  occupied = 0
  hits = 0
  misses = 0
  insertions = 0
  departures = 0

  constructor(factory: PolicyFactory, options: PolicyCoreOptions) {
    this.#options = options
    const slotsMax = options.objects + 1
    this.#weights = new Uint32Array(slotsMax)
    if (options.reuseSlots)
      for (let slot = 0; slot < slotsMax; slot++) this.#free.push((slot * 7919) % slotsMax)
    const context: PolicyContext = {
      capacity: options.capacity,
      slotsMax,
      ...(options.unit === 'bytes' ? { weights: this.#weights } : {}),
      ...(options.ghostsMax === undefined ? {} : { ghostsMax: options.ghostsMax }),
      hashOf: (slot) => Math.imul(this.#objectAt(slot) + 1, 0x9e3779b1) >>> 0,
      random: createPrng(7).nextDouble,
      onEvicted: (slot) => this.#leave(slot),
      onForgotten: (slot) => this.#forget(slot),
    }
    this.policy = factory.create(context, { ...factory.parameters, ...options.parameters })
  }

  /** Whether the step was a hit. */
  apply(step: PolicyStep): boolean {
    return step.remove ? this.#remove(step.object) : this.#request(step)
  }

  ghosts(): number {
    return this.#slotOf.size - this.residents.size
  }

  /** Evicts until nothing is left: whoever the policy lost would be missing here. */
  drain(): number {
    let drained = 0
    for (; this.residents.size > 0; drained++) this.#leave(this.policy.evict(0))
    return drained
  }

  #request({ object, weight }: PolicyStep): boolean {
    const { policy } = this
    const units = this.#options.unit === 'bytes' ? weight : 1
    const slot = this.#slotFor(object)
    if (this.residents.has(slot)) {
      this.hits++
      policy.onHit?.(slot)
      return true
    }
    this.misses++
    policy.onMiss?.(slot)
    if (policy.remembers?.(slot) === true) throw new Error('a ghost is used up by the request for it')
    this.#weights[slot] = units
    if (units > this.#options.capacity || policy.accepts?.(slot) === false) {
      this.#release(slot)
      return false
    }
    while (this.occupied + units > this.#options.capacity) this.#leave(policy.evict(slot))
    this.residents.add(slot)
    this.occupied += units
    this.insertions++
    policy.onInsert(slot)
    return false
  }

  #remove(object: number): boolean {
    const slot = this.#slotOf.get(object)
    if (slot === undefined || !this.residents.has(slot)) return false
    this.policy.onRemove(slot)
    this.#leave(slot)
    return true
  }

  #leave(slot: number): void {
    if (!this.residents.delete(slot)) throw new Error(`slot ${slot} leaves but was not resident`)
    this.departures++
    this.occupied -= this.#options.unit === 'bytes' ? (this.#weights[slot] ?? 0) : 1
    if (this.policy.remembers?.(slot) !== true) this.#release(slot)
  }

  #forget(slot: number): void {
    if (this.residents.has(slot) || !this.#objectOf.has(slot)) throw new Error(`slot ${slot} was no ghost`)
    this.#release(slot)
  }

  #slotFor(object: number): number {
    const known = this.#slotOf.get(object)
    if (known !== undefined) return known
    const slot = this.#options.reuseSlots ? this.#free.pop() : object
    if (slot === undefined) throw new Error('there is a slot for every object')
    this.#slotOf.set(object, slot)
    this.#objectOf.set(slot, object)
    return slot
  }

  #release(slot: number): void {
    this.#slotOf.delete(this.#objectAt(slot))
    this.#objectOf.delete(slot)
    if (this.#options.reuseSlots) this.#free.push(slot)
  }

  #objectAt(slot: number): number {
    return this.#objectOf.get(slot) ?? -1
  }
}
