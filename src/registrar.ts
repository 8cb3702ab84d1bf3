import type { Identity } from './authenticator.ts'
import type { Authority } from './authority.ts'
import type { Cache } from './cache/cache.ts'
import { HandleError } from './errors.ts'
import type { HomedPrefixes } from './homed-prefixes.ts'
import type { Handle } from './identifier/handle.ts'
import { decodeRecord, encodeRecord } from './identifier/record-encoding.ts'
import type { HandleValue } from './identifier/value.ts'
import { absent, RecordWriter, unchangedSince } from './record-writer.ts'
import type { ResolvedRecord } from './resolved-record.ts'
import { notResponsible } from './resolver.ts'
import type { Mutation, Store } from './store/store.ts'
import { assertMayPut, assertMayRemove, mergeValues, sameValues, withoutIndexes } from './value-changes.ts'

/** One record to register. */
export type Registration = { readonly handle: Handle; readonly values: readonly HandleValue[] }

/** What became of one item of a bulk registration. */
export type RegistrationResult =
  | { readonly status: 'created' | 'replaced' | 'exists-identical' | 'exists' }
  | { readonly status: 'failed'; readonly error: HandleError }

/** How many writes of each kind were acknowledged since the start. */
export type RegistrarStatistics = {
  readonly created: number
  readonly replaced: number
  readonly modified: number
  readonly deleted: number
}

type Parts = {
  readonly cache: Cache<ResolvedRecord>
  readonly store: Store
  readonly prefixes: HomedPrefixes
  readonly authority: Authority
  /** A suffix that nobody has, such as a random UUID. */
  readonly mintSuffix: () => string
}

/** The write path: responsible? → authorise → commit on a precondition → invalidate → acknowledge. */
export class Registrar {
  readonly #parts: Parts
  readonly #writer: RecordWriter
  readonly #statistics = { created: 0, replaced: 0, modified: 0, deleted: 0 }

  constructor(parts: Parts) {
    this.#parts = parts
    this.#writer = new RecordWriter(parts)
  }

  statistics(): RegistrarStatistics {
    return { ...this.#statistics }
  }

  /**
   * Creates a record, or with `overwrite` replaces the one that is there.
   * @throws HandleError HANDLE_EXISTS, NOT_RESPONSIBLE, NOT_PERMITTED.
   */
  async register(
    { handle, values }: Registration,
    options: { identity: Identity; overwrite: boolean },
  ): Promise<'created' | 'replaced'> {
    this.#assertResponsible(handle)
    await this.#parts.authority.demandCreation(options.identity, handle)
    const encoded = encodeRecord({ handle: handle.text, values })
    if (!options.overwrite) {
      const { applied } = await this.#writer.commit(handle, encoded, absent)
      if (!applied) throw new HandleError('HANDLE_EXISTS', `handle "${handle.text}" exists`)
      this.#statistics.created++
      return 'created'
    }
    return this.#writer.retrying(handle, async (previous) => {
      if (previous !== undefined) await this.#demandReplacement(options.identity, handle, previous)
      const { applied } = await this.#writer.commit(handle, encoded, unchangedSince(previous))
      if (!applied) return undefined
      const outcome = previous === undefined ? 'created' : 'replaced'
      this.#statistics[outcome]++
      return outcome
    })
  }

  /** Creates a record under a new random suffix behind `prefix/…` and returns its handle. */
  async mint(
    { handle, values }: { handle: (suffix: string) => Handle; values: readonly HandleValue[] },
    options: { identity: Identity },
  ): Promise<Handle> {
    const minted = handle(this.#parts.mintSuffix())
    await this.register({ handle: minted, values }, { identity: options.identity, overwrite: false })
    return minted
  }

  /** Registers many records with a result for each: those that can be are, whatever becomes of the others. */
  async registerMany(
    registrations: readonly Registration[],
    options: { identity: Identity; overwrite: boolean },
  ): Promise<readonly RegistrationResult[]> {
    const refused = await this.#refusalsByPrefix(registrations, options.identity)
    const accepted =
      refused.size === 0 ? registrations : registrations.filter(({ handle }) => !refused.has(scope(handle)))
    const mutations = accepted.map(
      ({ handle, values }): Mutation => ({
        key: handle.key,
        value: encodeRecord({ handle: handle.text, values }),
        precondition: absent,
      }),
    )
    const outcomes = await this.#parts.store.commit(mutations)
    let next = 0
    const results: RegistrationResult[] = []
    for (const registration of registrations) {
      const refusal = refused.get(scope(registration.handle))
      const outcome = refusal === undefined ? outcomes[next++] : undefined
      if (refusal !== undefined) results.push({ status: 'failed', error: refusal })
      else if (outcome?.failure !== undefined)
        results.push(this.#acknowledgeFailure(registration, outcome.failure))
      else if (outcome?.applied) results.push(this.#acknowledgeCreation(registration))
      else results.push(await this.#settleExisting(registration, outcome?.previous, options))
    }
    return results
  }

  /**
   * Adds or replaces values of an existing record; the others stay. Returns whether any was replaced.
   * @throws HandleError HANDLE_NOT_FOUND, VALUE_EXISTS when `overwrite` is false, NOT_PERMITTED.
   */
  async putValues(
    { handle, values }: Registration,
    options: { identity: Identity; overwrite: boolean },
  ): Promise<{ readonly replacedAny: boolean }> {
    this.#assertResponsible(handle)
    return this.#modifying(handle, async (record) => {
      const merged = mergeValues(record.values, values, { overwrite: options.overwrite })
      await assertMayPut(this.#parts.authority, { handle, record, ...options }, values)
      return { values: merged.values, result: { replacedAny: merged.replacedAny } }
    })
  }

  /** Removes values of an existing record. @throws HandleError HANDLE_NOT_FOUND, VALUES_NOT_FOUND, NOT_PERMITTED. */
  async removeValues(
    handle: Handle,
    indexes: readonly number[],
    options: { identity: Identity },
  ): Promise<void> {
    this.#assertResponsible(handle)
    await this.#modifying(handle, async (record) => {
      const kept = withoutIndexes(record.values, indexes)
      await assertMayRemove(this.#parts.authority, { handle, record, ...options }, indexes)
      return { values: kept, result: undefined }
    })
  }

  /** Deletes a record. @throws HandleError HANDLE_NOT_FOUND, NOT_PERMITTED. */
  async remove(handle: Handle, options: { identity: Identity }): Promise<void> {
    this.#assertResponsible(handle)
    await this.#writer.retrying(handle, async (previous) => {
      if (previous === undefined) throw notFound(handle)
      const { values } = decodeRecord(previous)
      await this.#parts.authority.demand(options.identity, 'deleteHandle', handle, values)
      const { applied } = await this.#writer.commit(handle, undefined, unchangedSince(previous))
      if (!applied) return undefined
      this.#statistics.deleted++
      return 'deleted'
    })
  }

  #assertResponsible(handle: Handle): void {
    if (handle.prefix !== '0.NA' && !this.#parts.prefixes.has(handle.prefix)) throw notResponsible(handle)
  }

  async #demandReplacement(identity: Identity, handle: Handle, previous: Uint8Array): Promise<void> {
    await this.#parts.authority.demand(identity, 'deleteHandle', handle, decodeRecord(previous).values)
  }

  /** One error for each prefix under which the identity may not register; prefixes are few, records many. */
  async #refusalsByPrefix(
    registrations: readonly Registration[],
    identity: Identity,
  ): Promise<ReadonlyMap<string, HandleError>> {
    const refused = new Map<string, HandleError>()
    const checked = new Set<string>()
    for (const { handle } of registrations) {
      if (checked.has(scope(handle))) continue
      checked.add(scope(handle))
      try {
        this.#assertResponsible(handle)
        await this.#parts.authority.demandCreation(identity, handle)
      } catch (error) {
        if (!(error instanceof HandleError)) throw error
        refused.set(scope(handle), error)
      }
    }
    return refused
  }

  #acknowledgeCreation({ handle }: Registration): RegistrationResult {
    this.#writer.published(handle, { exists: true })
    this.#statistics.created++
    return created
  }

  /** What failed may have been made all the same: nothing that was cached about it is served any more. */
  #acknowledgeFailure({ handle }: Registration, error: HandleError): RegistrationResult {
    this.#parts.cache.invalidate(handle.key)
    return { status: 'failed', error }
  }

  async #settleExisting(
    registration: Registration,
    previous: Uint8Array | undefined,
    options: { identity: Identity; overwrite: boolean },
  ): Promise<RegistrationResult> {
    if (previous !== undefined && sameValues(decodeRecord(previous).values, registration.values))
      return identical
    if (!options.overwrite) return exists
    try {
      return { status: await this.register(registration, options) }
    } catch (error) {
      if (!(error instanceof HandleError)) throw error
      return { status: 'failed', error }
    }
  }

  /** Reads, lets `change` decide on new values, and writes them if nobody wrote in between. */
  async #modifying<Result>(
    handle: Handle,
    change: (record: {
      values: readonly HandleValue[]
    }) => Promise<{ values: readonly HandleValue[]; result: Result }>,
  ): Promise<Result> {
    const { result } = await this.#writer.retrying(handle, async (previous) => {
      if (previous === undefined) throw notFound(handle)
      const record = decodeRecord(previous)
      const changed = await change(record)
      const encoded = encodeRecord({ handle: record.handle, values: changed.values })
      const { applied } = await this.#writer.commit(handle, encoded, unchangedSince(previous))
      return applied ? { result: changed.result } : undefined
    })
    this.#statistics.modified++
    return result
  }
}

const created = { status: 'created' } as const
const identical = { status: 'exists-identical' } as const
const exists = { status: 'exists' } as const

/** What one authorisation covers: all handles of a prefix, but each prefix record for itself. */
function scope(handle: Handle): string {
  return handle.prefix === '0.NA' ? handle.key : handle.prefix
}

function notFound(handle: Handle): HandleError {
  return new HandleError('HANDLE_NOT_FOUND', `handle "${handle.text}" not found`)
}
