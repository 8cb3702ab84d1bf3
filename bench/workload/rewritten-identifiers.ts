import type { Prng } from '../../src/support/prng.ts'
import { hasState } from './record-generator.ts'

/** A mutation that may be sent now, as far as the identifier it concerns goes. */
export type Rewrite = { readonly ordinal: number; readonly revision: number }

type Entry = {
  readonly ordinal: number
  revision: number
  readsInFlight: number
  /** `lost` after a mutation whose outcome is unknown: it may still take effect, so the identifier is left alone. */
  state: 'known' | 'writing' | 'lost'
}

const probesMax = 8

/**
 * The identifiers that one worker has rewritten, with the revision of each. It gives out a mutation only while nothing
 * else of the identifier is under way, and a read only while no mutation is, so that every answer has one true value.
 */
export class RewrittenIdentifiers {
  readonly #byOrdinal = new Map<number, Entry>()
  readonly #entries: Entry[] = []
  readonly #prng: Prng
  readonly #rewrittenMax: number

  constructor({ prng, rewrittenMax }: { readonly prng: Prng; readonly rewrittenMax: number }) {
    this.#prng = prng
    this.#rewrittenMax = rewrittenMax
  }

  /** The revision that a read sent now will see; undefined where it is not known. */
  beginRead(ordinal: number): number | undefined {
    const entry = this.#byOrdinal.get(ordinal)
    if (entry === undefined || entry.state !== 'known') return undefined
    entry.readsInFlight += 1
    return entry.revision
  }

  endRead(ordinal: number): void {
    const entry = this.#byOrdinal.get(ordinal)
    if (entry !== undefined) entry.readsInFlight -= 1
  }

  /** Puts a new state to this identifier, or to another one rewritten before where this one is in use. */
  beginPut(ordinal: number): Rewrite | undefined {
    const entry = this.#byOrdinal.get(ordinal) ?? this.#admit(ordinal)
    const idle = entry !== undefined && isIdle(entry) ? entry : this.#probe(isIdle)
    return idle === undefined
      ? undefined
      : startWriting(idle, idle.revision + (hasState(idle.revision) ? 2 : 1))
  }

  /** Deletes the state of an identifier that is known to have one. */
  beginDelete(): Rewrite | undefined {
    const entry = this.#probe(isDeletable)
    return entry === undefined ? undefined : startWriting(entry, entry.revision + 1)
  }

  /** Adds a state to an identifier that is known to have none. */
  beginAdd(): Rewrite | undefined {
    const entry = this.#probe(lacksState)
    return entry === undefined ? undefined : startWriting(entry, entry.revision + 1)
  }

  endWrite(ordinal: number, { ok }: { readonly ok: boolean }): void {
    const entry = this.#byOrdinal.get(ordinal)
    if (entry !== undefined) entry.state = ok ? 'known' : 'lost'
  }

  /** Those whose revision is known for certain. */
  known(): Rewrite[] {
    return this.#entries
      .filter(({ state }) => state === 'known')
      .map(({ ordinal, revision }) => ({ ordinal, revision }))
  }

  #admit(ordinal: number): Entry | undefined {
    if (this.#entries.length >= this.#rewrittenMax) return undefined
    const entry: Entry = { ordinal, revision: 0, readsInFlight: 0, state: 'known' }
    this.#byOrdinal.set(ordinal, entry)
    this.#entries.push(entry)
    return entry
  }

  #probe(suits: (entry: Entry) => boolean): Entry | undefined {
    if (this.#entries.length === 0) return undefined
    for (let probe = 0; probe < probesMax; probe++) {
      const entry = this.#entries[this.#prng.nextBelow(this.#entries.length)]
      if (entry !== undefined && suits(entry)) return entry
    }
    return undefined
  }
}

function isIdle(entry: Entry): boolean {
  return entry.state === 'known' && entry.readsInFlight === 0
}

function isDeletable(entry: Entry): boolean {
  return isIdle(entry) && hasState(entry.revision)
}

function lacksState(entry: Entry): boolean {
  return isIdle(entry) && !hasState(entry.revision)
}

function startWriting(entry: Entry, revision: number): Rewrite {
  entry.revision = revision
  entry.state = 'writing'
  return { ordinal: entry.ordinal, revision }
}
