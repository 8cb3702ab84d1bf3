/**
 * A mix of operations whose every answer is known, although many are under way at once and workers share no state.
 *
 * 1. Loaded identifiers outside the mutable class (see `ordinal-classes.ts`) are read by every worker and written by none.
 * 2. A mutable one belongs to one worker. That worker reads it only while it knows its revision, which is after a
 *    mutation of its own was acknowledged in this run, so what an earlier run left there does not matter. Whoever draws
 *    a mutable identifier that it may not read asks for its immutable neighbour instead.
 * 3. No mutation is sent while a read of the same identifier is under way, and neither while a mutation is. After a
 *    mutation with an unknown outcome the identifier is left alone, because it may still take effect.
 * 4. Registrations take ordinals from `registrationBase` on, every `workers`-th; they are read and deleted by the worker
 *    that registered them, and never again after the deletion was sent. A bulk operation takes several in a row.
 *
 * Where the operation drawn has no identifier that these rules allow, a resolve takes its place.
 */
import { assert } from '../../src/support/assert.ts'
import type { Prng } from '../../src/support/prng.ts'
import type { Distribution } from './distributions/distribution.ts'
import { distributions } from './distributions/index.ts'
import { createPermutation, type Permutation } from './distributions/permutation.ts'
import { type MixShares, sharesOver } from './mix-shares.ts'
import { type Operation, type OperationKind, ordinalsOf } from './operation.ts'
import { immutableNeighbour, isMutable, mutableEvery, ownerOf } from './ordinal-classes.ts'
import { phaseStreams, workersMax } from './phase-streams.ts'
import type { Preset } from './presets/preset.ts'
import { ordinalsMax } from './record-generator.ts'
import { RegisteredIdentifiers } from './registered-identifiers.ts'
import { type Rewrite, RewrittenIdentifiers } from './rewritten-identifiers.ts'
import type { AcknowledgedState, Workload } from './workload.ts'

export type MixedWorkloadOptions = {
  readonly preset: Preset
  /** How many were loaded. */
  readonly identifiers: number
  /** The same for all workers, who draw from streams of their own but agree on which identifiers are popular. */
  readonly seed: number
  readonly worker: number
  readonly workers: number
  /**
   * Which phase of several over the same identifiers it is, from 0: all agree on which are popular, but draw anew. Asking in the
   * order of an earlier phase would find cached what that one asked for.
   */
  readonly phase?: number | undefined
  /** The first ordinal that nothing has registered yet; after earlier runs that is beyond `identifiers`, its default. */
  readonly registrationBase?: number
  /** How long it is asked for, where the mix changes over all of that. */
  readonly durationSeconds?: number | undefined
  /** Bounds of what one worker remembers. */
  readonly rewrittenMax?: number
  readonly registeredMax?: number
}

/** Creates one worker's share of a preset. */
export function createMixedWorkload(options: MixedWorkloadOptions): Workload {
  return new MixedWorkload(options)
}

/** So many codes are copied again and again. */
const counterfeits = 20
const bulkItemsDefault = 20

type ReadKind = 'resolve' | 'resolve-type' | 'resolve-index'

class MixedWorkload implements Workload {
  readonly #identifiers: number
  readonly #worker: number
  readonly #workers: number
  readonly #prng: Prng
  readonly #sharesAt: (atNs: number | undefined) => MixShares
  readonly #counterfeitRatio: number
  readonly #bulkItems: number
  readonly #distribution: Distribution
  readonly #permutation: Permutation
  readonly #rewritten: RewrittenIdentifiers
  readonly #registered: RegisteredIdentifiers

  constructor({
    registrationBase,
    rewrittenMax = 262_144,
    registeredMax = 65_536,
    ...options
  }: MixedWorkloadOptions) {
    const { preset, identifiers, worker, workers } = options
    const base = registrationBase ?? identifiers
    assert(identifiers >= 1 && identifiers <= base, 'registrations begin beyond the loaded identifiers')
    assert(base < ordinalsMax, 'registrations begin within the ordinals that exist')
    assert(worker >= 0 && worker < workers && workers <= workersMax, 'a worker is one of the workers')
    this.#identifiers = identifiers
    this.#worker = worker
    this.#workers = workers
    const { prng, shared, popularitySeed, start } = phaseStreams({ phase: undefined, ...options })
    this.#prng = prng
    this.#sharesAt = sharesOver(preset, options.durationSeconds)
    this.#counterfeitRatio = preset.counterfeitRatio ?? 0
    this.#bulkItems = preset.bulkItems ?? bulkItemsDefault
    const { name, ...settings } = preset.distribution
    this.#distribution = distributions[name]({ ...settings, items: identifiers, prng, shared, start })
    this.#permutation = createPermutation({ items: identifiers, seed: popularitySeed })
    this.#rewritten = new RewrittenIdentifiers({ prng, rewrittenMax })
    this.#registered = new RegisteredIdentifiers({ base, worker, workers }, { registeredMax })
  }

  next(dueNs?: number): Operation {
    const kind = this.#drawKind(dueNs)
    switch (kind) {
      case 'resolve':
      case 'resolve-type':
      case 'resolve-index':
        return this.#read(kind)
      case 'absent':
        return { kind, ordinal: this.#drawAbsent(), revision: 0 }
      case 'list':
        return { kind, ordinal: this.#drawLoaded(), revision: 0 }
      case 'register':
        return this.#register()
      case 'bulk':
        return this.#registerBatch()
      case 'value-add':
      case 'value-put':
      case 'value-delete':
        return this.#rewrite(kind) ?? this.#read('resolve')
      case 'delete': {
        const ordinal = this.#registered.beginDelete()
        return ordinal === undefined ? this.#read('resolve') : { kind, ordinal, revision: 0 }
      }
    }
  }

  settled(operation: Operation, ok: boolean): void {
    const { kind, ordinal } = operation
    switch (kind) {
      case 'resolve':
      case 'resolve-type':
      case 'resolve-index':
        if (ordinal >= this.#identifiers) this.#registered.endRead(ordinal)
        else if (isMutable(ordinal)) this.#rewritten.endRead(ordinal)
        return
      case 'value-add':
      case 'value-put':
      case 'value-delete':
        this.#rewritten.endWrite(ordinal, { ok })
        return
      case 'register':
        this.#registered.end(ordinal, { ok })
        return
      case 'bulk':
        for (const registered of ordinalsOf(operation)) this.#registered.end(registered, { ok })
        return
      case 'absent':
      case 'delete':
      case 'list':
        return
    }
  }

  acknowledged(): readonly AcknowledgedState[] {
    return [
      ...this.#registered.known().map((ordinal) => ({ ordinal, revision: 0 })),
      ...this.#rewritten.known(),
    ]
  }

  #drawKind(dueNs: number | undefined): OperationKind {
    const drawn = this.#prng.nextDouble()
    for (const [kind, upTo] of this.#sharesAt(dueNs)) if (drawn < upTo) return kind
    return 'resolve'
  }

  /** A loaded identifier by popularity, or beyond them, by age, the number of a registration of this worker's. */
  #draw(): number {
    const drawn = this.#distribution.next()
    return this.#distribution.order === 'popularity' ? this.#permutation(drawn) : drawn
  }

  #drawLoaded(): number {
    return this.#loadedAt(this.#draw())
  }

  /** Whose counterfeit is asked for: one of the few that were copied, or any. */
  #drawAbsent(): number {
    if (this.#counterfeitRatio === 0 || this.#prng.nextDouble() >= this.#counterfeitRatio)
      return this.#drawLoaded()
    return this.#permutation(this.#prng.nextBelow(Math.min(counterfeits, this.#identifiers)))
  }

  #loadedAt(position: number): number {
    const beyond = position - this.#identifiers
    return beyond < 0 ? position : this.#identifiers - 1 - (beyond % this.#identifiers)
  }

  #read(kind: ReadKind): Operation {
    const position = this.#draw()
    const registered =
      position < this.#identifiers ? undefined : this.#registered.beginRead(position - this.#identifiers)
    if (registered !== undefined) return { kind, ordinal: registered, revision: 0 }
    const ordinal = this.#loadedAt(position)
    if (!isMutable(ordinal)) return { kind, ordinal, revision: 0 }
    const own = ownerOf(ordinal, this.#workers) === this.#worker
    const revision = own ? this.#rewritten.beginRead(ordinal) : undefined
    if (revision === undefined) return { kind, ordinal: immutableNeighbour(ordinal), revision: 0 }
    return { kind, ordinal, revision }
  }

  #register(): Operation {
    const ordinal = this.#registered.begin()
    assert(ordinal < ordinalsMax, 'a run registers within the ordinals that exist')
    if (this.#distribution.order === 'age')
      this.#distribution.grow?.(this.#identifiers + this.#registered.count)
    return { kind: 'register', ordinal, revision: 0 }
  }

  #registerBatch(): Operation {
    const { ordinal } = this.#register()
    for (let item = 1; item < this.#bulkItems; item++) this.#register()
    const batch = { items: this.#bulkItems, stride: this.#workers }
    return { kind: 'bulk', ordinal, revision: 0, batch }
  }

  #rewrite(kind: 'value-add' | 'value-put' | 'value-delete'): Operation | undefined {
    const rewrite = this.#beginRewrite(kind)
    return rewrite === undefined ? undefined : { kind, ...rewrite }
  }

  #beginRewrite(kind: 'value-add' | 'value-put' | 'value-delete'): Rewrite | undefined {
    switch (kind) {
      case 'value-add':
        return this.#rewritten.beginAdd()
      case 'value-put':
        return this.#put()
      case 'value-delete':
        return this.#rewritten.beginDelete()
    }
  }

  #put(): Rewrite | undefined {
    const ordinal = this.#ownMutableNear(this.#drawLoaded())
    return ordinal === undefined ? undefined : this.#rewritten.beginPut(ordinal)
  }

  /** The mutable identifier of this worker that is closest to one drawn; undefined where it owns none. */
  #ownMutableNear(ordinal: number): number | undefined {
    const block = Math.floor(ordinal / mutableEvery)
    const ownBlock = block - (block % this.#workers) + this.#worker
    const near = ownBlock * mutableEvery + mutableEvery - 1
    if (near < this.#identifiers) return near
    const before = near - this.#workers * mutableEvery
    return before >= 0 && before < this.#identifiers ? before : undefined
  }
}
