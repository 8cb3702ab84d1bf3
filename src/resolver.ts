import type { Cache } from './cache/cache.ts'
import { HandleError } from './errors.ts'
import type { HomedPrefixes } from './homed-prefixes.ts'
import { EncodingError } from './identifier/buffer-reader.ts'
import { foldAscii, type Handle } from './identifier/handle.ts'
import type { FoundElsewhere } from './recursion/recursion.ts'
import { type ResolvedRecord, resolvedRecord } from './resolved-record.ts'
import type { Store } from './store/store.ts'
import { type Clock, nowSeconds } from './support/clock.ts'
import type { MaybePromise } from './support/maybe-promise.ts'
import { SingleFlight } from './support/single-flight.ts'

/** The resolve path, top-down: responsible? → cache → single-flight → store → answer. */
export class Resolver {
  readonly #cache: Cache<ResolvedRecord>
  readonly #store: Store
  readonly #prefixes: HomedPrefixes
  readonly #clock: Clock
  readonly #elsewhere: ((handle: Handle) => Promise<FoundElsewhere>) | undefined
  readonly #cachedSecondsMax: number
  readonly #flights = new SingleFlight<ResolvedRecord | undefined>()

  constructor(parts: {
    cache: Cache<ResolvedRecord>
    store: Store
    prefixes: HomedPrefixes
    clock: Clock
    /** However long a record's own ttl is; unbounded unless given. */
    cachedSecondsMax?: number
    /** Asks other nodes, where this one is recursive. */
    elsewhere?: (handle: Handle) => Promise<FoundElsewhere>
  }) {
    this.#elsewhere = parts.elsewhere

    this.#cachedSecondsMax = parts.cachedSecondsMax ?? Number.POSITIVE_INFINITY
    this.#cache = parts.cache
    this.#store = parts.store
    this.#prefixes = parts.prefixes
    this.#clock = parts.clock
  }

  /**
   * The record of a handle, or undefined when there is none. `authoritative` reads past the cache; `recurse` asks other nodes
   * for a handle of theirs, where this one is recursive.
   * @throws HandleError NOT_RESPONSIBLE for a prefix that is not homed here; STORE_UNAVAILABLE.
   */
  resolve(
    handle: Handle,
    options: { authoritative: boolean; recurse?: boolean },
  ): MaybePromise<ResolvedRecord | undefined> {
    if (!this.#isHomedHere(handle)) {
      if (this.#elsewhere === undefined || options.recurse !== true) throw notResponsible(handle)
      return this.#resolveElsewhere(handle, options)
    }
    if (options.authoritative) return this.#read(handle.key)
    const cached = this.#cache.lookup(handle.key)
    if (cached.kind === 'hit') return cached.value
    if (cached.kind === 'negative') return undefined
    return this.#read(handle.key)
  }

  /**
   * The record of a handle as this node knows it, or undefined when there is none or its prefix is not homed here: to whoever
   * asks who somebody is, both are nobody. @throws HandleError STORE_UNAVAILABLE
   */
  resolveHere(handle: Handle): MaybePromise<ResolvedRecord | undefined> {
    return this.#isHomedHere(handle) ? this.resolve(handle, { authoritative: false }) : undefined
  }

  /** Whether `resolve` answers without a promise now: an embedded store does while its disk is not slow. */
  get readsAtOnce(): boolean {
    return this.#store.capabilities.synchronousReads && this.#store.mayBlock?.() !== false
  }

  /**
   * The record of a handle in this spelling, when it is in the cache and the caller accepts it, valid during this turn;
   * undefined says only that `resolve` has to be asked, which also has the words for a store that fails. Does not judge the
   * spelling: one that was never registered is not the record's.
   */
  cached(text: string, accepts: (resolved: ResolvedRecord) => boolean): ResolvedRecord | undefined {
    const key = foldAscii(text)
    if (this.#elsewhere === undefined && !this.#isKnownHome(key.slice(0, key.indexOf('/')))) return undefined
    return this.#cache.hit(key, (resolved) => resolved.handle === text && accepts(resolved))
  }

  /** An embedded store answers in the same turn, so the next caller finds the cache filled; only promises need joining. */
  #read(key: string): MaybePromise<ResolvedRecord | undefined> {
    const epoch = this.#cache.epochOf(key)
    if (this.readsAtOnce) return this.#keep(key, epoch, this.#store.get(key) as Encoded)
    return this.#flights.run(key, epoch, async () => this.#keep(key, epoch, await this.#readBeside(key)))
  }

  /** Other nodes answer in milliseconds at best: whoever asks for the same handle meanwhile waits for the same answer. */
  #resolveElsewhere(
    handle: Handle,
    options: { authoritative: boolean },
  ): MaybePromise<ResolvedRecord | undefined> {
    if (!options.authoritative) {
      const cached = this.#cache.lookup(handle.key)
      if (cached.kind === 'hit') return cached.value
      if (cached.kind === 'negative') return undefined
    }
    const epoch = this.#cache.epochOf(handle.key)
    return this.#flights.run(handle.key, epoch, async () => {
      const found = await this.#elsewhere?.(handle)
      return this.#keep(handle.key, epoch, found?.encoded, found?.ttlSecondsMax)
    })
  }

  #readBeside(key: string): MaybePromise<Encoded> {
    return this.#store.getBeside?.(key) ?? this.#store.get(key)
  }

  #keep(
    key: string,
    epoch: number,
    encoded: Encoded,
    ttlSecondsMax = Number.POSITIVE_INFINITY,
  ): ResolvedRecord | undefined {
    if (encoded === undefined) {
      this.#cache.storeAbsence(key, { epoch })
      return undefined
    }
    const resolved = decoded(key, encoded, nowSeconds(this.#clock))
    const bytes = readyHeadBytes + resolved.bodyBytes + encoded.length + resolved.handle.length
    this.#cache.storeRecord(key, resolved, {
      epoch,
      bytes,
      ttlSeconds: Math.min(resolved.ttlSeconds, this.#cachedSecondsMax, ttlSecondsMax),
    })
    return resolved
  }

  /** False also where the store fails that must be asked. */
  #isKnownHome(prefix: string): boolean {
    try {
      return this.#prefixes.has(prefix)
    } catch (error) {
      if (error instanceof HandleError) return false
      throw error
    }
  }

  #isHomedHere(handle: Handle): boolean {
    return this.#prefixes.has(handle.prefix) || this.#isHomedPrefixRecord(handle)
  }

  #isHomedPrefixRecord(handle: Handle): boolean {
    return handle.prefix === '0.NA' && this.#prefixes.has(handle.key.slice('0.NA/'.length))
  }
}

/** What is said of a prefix that lives elsewhere. */
export function notResponsible(handle: Handle): HandleError {
  return new HandleError('NOT_RESPONSIBLE', `prefix "${handle.prefix}" is not homed at this node`)
}

// What a transport puts before the answer when it keeps it ready, and the entity tag within.
const readyHeadBytes = 400

type Encoded = Uint8Array | undefined

function decoded(key: string, encoded: Uint8Array, atSeconds: number): ResolvedRecord {
  try {
    return resolvedRecord(encoded, atSeconds)
  } catch (cause) {
    if (!(cause instanceof EncodingError)) throw cause
    throw new HandleError('STORE_UNAVAILABLE', `the stored record of "${key}" is damaged: ${cause.message}`, {
      cause,
    })
  }
}
