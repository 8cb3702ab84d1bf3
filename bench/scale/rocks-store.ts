import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CommitRequest, GroupCommit } from '../../src/store/group-commit.ts'
import { unavailable } from '../../src/store/level-errors.ts'
import { LevelReader } from '../../src/store/level-reader.ts'
import { holds, namingPrefixOf, recordsAdded } from '../../src/store/preconditions.ts'
import { PrefixCounters } from '../../src/store/prefix-counters.ts'
import type {
  Durability,
  Mutation,
  MutationResult,
  ScanPage,
  ScanRequest,
  Store,
  StoreCapabilities,
} from '../../src/store/store.ts'

/** What is used of the binding `@nxtedition/rocksdb`, which has no types of its own. */
export interface RocksDatabase {
  open(options: Readonly<Record<string, unknown>>): Promise<void>
  close(): Promise<void>
  _chainedBatch(): RocksBatch
  _getManySync(
    keys: readonly (string | Uint8Array)[],
    options: Readonly<Record<string, unknown>>,
  ): (Uint8Array | undefined)[]
  iterator(options: Readonly<Record<string, unknown>>): AsyncIterable<[string, Uint8Array]>
}
export interface RocksBatch {
  _put(key: string | Uint8Array, value: Uint8Array, options: object): void
  _del(key: string | Uint8Array, options: object): void
  _writeSync(options: { readonly sync: boolean }): void
  _closeSync(): void
}

export type RocksOptions = {
  readonly directory: string
  readonly durability: Durability
  readonly writeBufferBytes: number
  readonly blockCacheBytes: number
  readonly groupMutationsMax: number
}

// Not a dependency of this package: beside it, where `scripts/install-rocksdb.ts` puts it.
const installed = join(
  fileURLToPath(new URL('../../.venv-rocksdb', import.meta.url)),
  'node_modules/@nxtedition/rocksdb',
)

/** Whether `scripts/install-rocksdb.ts` has put the engine beside this checkout. */
export function hasRocks(): boolean {
  return existsSync(installed)
}

/** Opens a database, creating it where there is none. @throws HandleError STORE_UNAVAILABLE */
export async function openRocksDatabase(
  options: Pick<RocksOptions, 'directory' | 'writeBufferBytes' | 'blockCacheBytes'>,
): Promise<RocksDatabase> {
  const { RocksLevel } = createRequire(import.meta.url)(installed) as {
    RocksLevel: new (location: string, options: object) => RocksDatabase
  }
  const database = new RocksLevel(options.directory, { keyEncoding: 'utf8', valueEncoding: 'buffer' })
  try {
    await database.open({
      createIfMissing: true,
      // The binding makes write buffers of a quarter of this.
      memtableMemoryBudget: 4 * options.writeBufferBytes,
      compaction: 'level',
      cacheSize: options.blockCacheBytes,
      infoLogLevel: 'error',
    })
  } catch (error) {
    throw unavailable('opening', error)
  }
  return database
}

export async function openRocksStore(options: RocksOptions): Promise<RocksStore> {
  const database = await openRocksDatabase(options)
  // Counters need an iterator of the same form as the embedded engine's.
  const counters = await PrefixCounters.load(database as never)
  return new RocksStore(database, counters, options)
}

/**
 * RocksDB behind the `Store` contract, to be measured beside LevelDB: no engine of the node. The binding writes in the
 * thread that asks, fsync included, so a group holds the event loop up for as long as the disk takes.
 */
export class RocksStore implements Store {
  readonly engine = 'rocksdb'
  readonly durability: Durability
  readonly capabilities: StoreCapabilities = {
    persistent: true,
    synchronousReads: true,
    durabilities: ['sync', 'os'],
    atomicCommits: true,
    measuresSize: 'at-once',
    distributed: false,
  }
  readonly #database: RocksDatabase
  readonly #counters: PrefixCounters
  readonly #groups: GroupCommit
  readonly #directory: string
  readonly #scanner: LevelReader
  #isClosed = false

  constructor(database: RocksDatabase, counters: PrefixCounters, options: RocksOptions) {
    this.#database = database
    this.#counters = counters
    this.#directory = options.directory
    // Both bindings have the iterators of abstract-level.
    this.#scanner = new LevelReader(database as never)
    this.durability = options.durability
    this.#groups = new GroupCommit(async (group) => this.#writeGroup(group), options)
  }

  get(key: string): Uint8Array | undefined {
    return this.getMany([key])[0]
  }

  getMany(keys: readonly string[]): readonly (Uint8Array | undefined)[] {
    if (this.#isClosed) throw unavailable('reading', new Error('the database is closed'))
    if (keys.length === 0) return []
    try {
      return this.#database._getManySync(keys, {})
    } catch (error) {
      throw unavailable('reading', error)
    }
  }

  commit(mutations: readonly Mutation[]): Promise<readonly MutationResult[]> {
    return this.#groups.commit(mutations)
  }

  scan(request: ScanRequest): Promise<ScanPage> {
    return this.#scanner.scan(request)
  }

  count(prefix: string): number {
    return this.#counters.count(prefix)
  }

  countAll(): number {
    return this.#counters.total
  }

  sizeOnDiskBytes(): number {
    return directoryBytes(this.#directory)
  }

  unwritableBecause(): undefined {
    return undefined
  }

  async close(): Promise<void> {
    await this.#groups.close()
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#database.close()
  }

  #writeGroup(group: readonly CommitRequest[]): void {
    try {
      const changes = new Map<string, Uint8Array | undefined>()
      const added = new Map<string, number>()
      const results = group.map(({ mutations }) =>
        mutations.map((mutation) => {
          const { key, value } = mutation
          const previous = changes.has(key) ? changes.get(key) : this.get(key)
          const result = { applied: holds(mutation.precondition, previous), previous }
          if (!result.applied) return result
          changes.set(key, value)
          const prefix = namingPrefixOf(key)
          added.set(prefix, (added.get(prefix) ?? 0) + recordsAdded(mutation, result))
          return result
        }),
      )
      if (changes.size > 0) this.#write(changes, added)
      group.forEach((request, position) => {
        request.resolve(results[position] ?? [])
      })
    } catch (error) {
      const failure = unavailable('writing', error)
      for (const request of group) request.reject(failure)
    }
  }

  #write(changes: ReadonlyMap<string, Uint8Array | undefined>, added: ReadonlyMap<string, number>): void {
    const batch = this.#database._chainedBatch()
    try {
      for (const [key, value] of changes) {
        if (value === undefined) batch._del(key, {})
        else batch._put(key, value, {})
      }
      this.#counters.write({ put: (key, value) => batch._put(key, value, {}) }, added)
      batch._writeSync({ sync: this.durability === 'sync' })
      this.#counters.apply(added)
    } finally {
      batch._closeSync()
    }
  }
}

/** Bytes of all files of a directory. */
export function directoryBytes(directory: string): number {
  return readdirSync(directory).reduce(
    (sum, name) => sum + (statSync(join(directory, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  )
}
