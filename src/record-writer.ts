import type { Cache } from './cache/cache.ts'
import { HandleError } from './errors.ts'
import type { HomedPrefixes } from './homed-prefixes.ts'
import type { Handle } from './identifier/handle.ts'
import type { ResolvedRecord } from './resolved-record.ts'
import type { MutationResult, Precondition, Store } from './store/store.ts'

type Parts = {
  readonly cache: Cache<ResolvedRecord>
  readonly store: Store
  readonly prefixes: HomedPrefixes
}

/** Holds for a record that is still missing. */
export const absent = { kind: 'absent' } as const satisfies Precondition

/** Holds while the record is the one that was read. */
export function unchangedSince(previous: Uint8Array | undefined): Precondition {
  return previous === undefined ? absent : { kind: 'equals', value: previous }
}

/** Writes one record on a precondition, so that of writers who race each decides on what the one before it left. */
export class RecordWriter {
  readonly #parts: Parts

  constructor({ cache, store, prefixes }: Parts) {
    this.#parts = { cache, store, prefixes }
  }

  /** Writes `value`, or removes the record where that is undefined, if the precondition holds. */
  async commit(
    handle: Handle,
    value: Uint8Array | undefined,
    precondition: Precondition,
  ): Promise<MutationResult> {
    const [result] = await this.#parts.store
      .commit([{ key: handle.key, value, precondition }])
      .catch((error: unknown) => {
        // It may have been made, or will be.
        this.#parts.cache.invalidate(handle.key)
        throw error
      })
    if (result === undefined) throw new HandleError('INTERNAL', 'the store gave no result for a mutation')
    if (result.applied) this.published(handle, { exists: value !== undefined })
    return result
  }

  /**
   * Repeats `attempt` on the present record until its commit meets what it read; writers of one record are few.
   * @throws HandleError SERVER_BUSY when others were faster too often.
   */
  async retrying<Result>(
    handle: Handle,
    attempt: (previous: Uint8Array | undefined) => Promise<Result | undefined>,
  ): Promise<Result> {
    for (let attempts = 0; attempts < conflictsMax; attempts++) {
      const result = await attempt(await this.#parts.store.get(handle.key))
      if (result !== undefined) return result
    }
    throw new HandleError(
      'SERVER_BUSY',
      `handle "${handle.text}" was changed by others ${conflictsMax} times meanwhile`,
    )
  }

  /** Between visible and acknowledged: from here on no cache serves what was there before. */
  published(handle: Handle, change: { exists: boolean }): void {
    this.#parts.cache.invalidate(handle.key)
    this.#parts.prefixes.note(handle.key, change)
  }
}

const conflictsMax = 16
