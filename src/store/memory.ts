import { HandleError } from '../errors.ts'
import { compareKeys } from './key-order.ts'
import { holds, namingPrefixOf, recordsAdded } from './preconditions.ts'
import type { Mutation, MutationResult, ScanPage, ScanRequest, Store, StoreCapabilities } from './store.ts'

/** A store that lives and dies with the process: for tests, and to measure a node without its disk. */
export class MemoryStore implements Store {
  readonly engine = 'memory'
  readonly durability = 'none'
  readonly capabilities: StoreCapabilities = {
    persistent: false,
    synchronousReads: true,
    durabilities: ['none'],
    atomicCommits: true,
    measuresSize: 'never',
    distributed: false,
  }
  readonly #records = new Map<string, Uint8Array>()
  readonly #countByPrefix = new Map<string, number>()
  #sortedKeys: string[] | undefined
  #closed = false

  get(key: string): Uint8Array | undefined {
    this.#demandOpen()
    return this.#records.get(key)
  }

  getMany(keys: readonly string[]): readonly (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  async commit(mutations: readonly Mutation[]): Promise<readonly MutationResult[]> {
    this.#demandOpen()
    return mutations.map((mutation) => this.#apply(mutation))
  }

  async scan({ keyPrefix, after, entriesMax }: ScanRequest): Promise<ScanPage> {
    this.#demandOpen()
    this.#sortedKeys ??= [...this.#records.keys()].sort(compareKeys)
    const entries = []
    for (const key of this.#sortedKeys) {
      if (!key.startsWith(keyPrefix) || (after !== undefined && compareKeys(key, after) <= 0)) continue
      if (entries.length === entriesMax) return { entries, cursor: entries.at(-1)?.key ?? after ?? '' }
      const value = this.#records.get(key)
      if (value !== undefined) entries.push({ key, value })
    }
    return { entries }
  }

  count(prefix: string): number {
    return this.#countByPrefix.get(prefix) ?? 0
  }

  countAll(): number {
    return this.#records.size
  }

  sizeOnDiskBytes(): number {
    return 0
  }

  unwritableBecause(): undefined {
    return undefined
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#records.clear()
  }

  #demandOpen(): void {
    if (this.#closed) throw new HandleError('STORE_UNAVAILABLE', 'the store is closed')
  }

  #apply(mutation: Mutation): MutationResult {
    const previous = this.#records.get(mutation.key)
    const result = { applied: holds(mutation.precondition, previous), previous }
    if (!result.applied) return result
    if (mutation.value === undefined) this.#records.delete(mutation.key)
    else this.#records.set(mutation.key, mutation.value)
    const added = recordsAdded(mutation, result)
    if (added !== 0) {
      const prefix = namingPrefixOf(mutation.key)
      this.#countByPrefix.set(prefix, this.count(prefix) + added)
      this.#sortedKeys = undefined
    }
    return result
  }
}
