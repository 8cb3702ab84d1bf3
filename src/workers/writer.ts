import type { Epochs } from '../cache/epochs.ts'
import { type ErrorCode, HandleError } from '../errors.ts'
import { homesPrefix } from '../homed-prefixes.ts'
import { decodeMutations, encodeResults } from '../store/shared-encoding.ts'
import type { StoreQuestion } from '../store/shared-level.ts'
import type { Mutation, MutationResult, Store } from '../store/store.ts'
import type { MaybePromise } from '../support/maybe-promise.ts'
import type { ToWorker } from './messages.ts'
import { type SharedCell, type SharedMemory, sharedCell, sharedEpochs } from './shared-memory.ts'

/** An engine that threads share is this machine's own, and always knows its size. */
type MeasuredStore = Omit<Store, 'sizeOnDiskBytes'> & { sizeOnDiskBytes(): MaybePromise<number> }

/** Commits for all workers, and makes what they hold of a record stale before the write is acknowledged. */
export class Writer {
  readonly #store: MeasuredStore
  readonly #epochs: Epochs
  readonly #prefixesVersion: SharedCell

  constructor(store: MeasuredStore, memory: SharedMemory) {
    this.#store = store
    this.#epochs = sharedEpochs(memory)
    this.#prefixesVersion = sharedCell(memory, 'prefixesVersion')
  }

  /** The answer to one message of mutations; never rejects. */
  async commit({ batch, mutations }: { batch: number; mutations: Uint8Array }): Promise<ToWorker> {
    try {
      const decoded = decodeMutations(mutations)
      const results = await this.#store.commit(decoded)
      this.#publish(decoded, results)
      return { type: 'committed', batch, results: encodeResults(results) }
    } catch (error) {
      return { type: 'not-committed', batch, ...failure(error) }
    }
  }

  /** The answer to a question about the store; never rejects. */
  async answer({ question, about }: { question: number; about: StoreQuestion }): Promise<ToWorker> {
    try {
      return { type: 'answer', question, answer: await this.#answer(about) }
    } catch (error) {
      return { type: 'not-answered', question, ...failure(error) }
    }
  }

  #answer(about: StoreQuestion): MaybePromise<number> {
    switch (about.kind) {
      case 'count':
        return this.#store.count(about.prefix, 'exact')
      case 'countAll':
        return this.#store.countAll()
      case 'sizeOnDiskBytes':
        return this.#store.sizeOnDiskBytes()
    }
  }

  /** Between visible and acknowledged: from here on no worker serves what was there before. */
  #publish(mutations: readonly Mutation[], results: readonly MutationResult[]): void {
    let homesChanged = false
    for (let position = 0; position < mutations.length; position++) {
      const key = mutations[position]?.key
      if (key === undefined || !results[position]?.applied) continue
      this.#epochs.advance(key)
      homesChanged ||= homesPrefix(key)
    }
    if (homesChanged) this.#prefixesVersion.add(1)
  }
}

/** An error as a message carries it. */
function failure(error: unknown): { readonly code: ErrorCode; readonly message: string } {
  if (error instanceof HandleError) return { code: error.code, message: error.message }
  return { code: 'INTERNAL', message: `the writer failed: ${error}` }
}
