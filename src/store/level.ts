import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { HandleError, StartupError } from '../errors.ts'
import { yieldBackgroundThread } from './background-thread.ts'
import { DiskSpace } from './disk-space.ts'
import { type CommitRequest, GroupCommit } from './group-commit.ts'
import { markInitialised, prepareDirectory } from './level-directory.ts'
import { startupError, unavailable } from './level-errors.ts'
import { type Database, LevelReader } from './level-reader.ts'
import { openTablesMax } from './open-tables.ts'
import { holds, namingPrefixOf, recordsAdded } from './preconditions.ts'
import { PrefixCounters } from './prefix-counters.ts'
import type {
  Durability,
  Mutation,
  MutationResult,
  ScanPage,
  ScanRequest,
  Store,
  StoreCapabilities,
} from './store.ts'
import { lookUpWholeKeys } from './whole-keys.ts'

/** Settings of the embedded engine; every one has its default in `config.ts`. */
export type LevelOptions = {
  readonly directory: string
  readonly durability: Durability
  /** Bytes that LevelDB gathers in memory before it writes a table; replayed from the log at start after a crash. */
  readonly writeBufferBytes: number
  /** Bytes of LevelDB's own cache of uncompressed blocks. */
  readonly blockCacheBytes: number
  /** Writes are refused while the file system has fewer bytes free than this. */
  readonly diskReserveBytes: number
  readonly groupMutationsMax: number
  /**
   * Other threads of this process read the same database: with every durability a write is acknowledged when they can
   * see it. This thread opens it first and closes it last.
   */
  readonly sharedByThreads?: boolean
  /** Flushes and compactions take what the rest of the process and the machine leave of the cores. */
  readonly backgroundYields?: boolean
}

/** Opens the embedded store, creating it in an empty directory. @throws StartupError when the directory cannot be used. */
export async function openLevelStore(options: LevelOptions): Promise<LevelStore> {
  const { databasePath, initialised } = await prepareDirectory(options.directory, 'level')
  const database: Database = new ClassicLevel(databasePath, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    createIfMissing: !initialised,
    writeBufferSize: options.writeBufferBytes,
    cacheSize: options.blockCacheBytes,
    maxFileSize: tableFileBytes,
    maxOpenFiles: openTablesMax(),
    multithreading: options.sharedByThreads ?? false,
  })
  try {
    await database.open()
    lookUpWholeKeys(database)
    if (!initialised) await markInitialised(options.directory, 'level')
    // Compacting a range without records changes to another log, which makes the thread write what the old one held.
    if (options.backgroundYields === true) {
      await yieldBackgroundThread(() => database.compactRange(belowRecords, belowRecords))
    }
    const counters = await PrefixCounters.load(database)
    return new LevelStore(database, counters, options, databasePath)
  } catch (error) {
    await database.close()
    throw error instanceof StartupError ? error : startupError(error, options.directory)
  }
}

/** LevelDB behind the `Store` contract: one writer that commits in groups, reads that answer at once. */
export class LevelStore implements Store {
  readonly engine = 'level'
  readonly durability: Durability
  readonly capabilities: StoreCapabilities = {
    persistent: true,
    synchronousReads: true,
    durabilities: ['sync', 'os', 'none'],
    atomicCommits: true,
    measuresSize: 'at-once',
    distributed: false,
  }
  /** Where the engine's own files are; other threads open the database by it. */
  readonly databasePath: string
  readonly #database: Database
  readonly #reader: LevelReader
  readonly #acknowledgesBeforeWriting: boolean
  readonly #counters: PrefixCounters
  readonly #groups: GroupCommit
  readonly #diskSpace: DiskSpace
  #failure: HandleError | undefined
  /** With durability `none`: what was acknowledged and is still being written. */
  #acknowledged: ReadonlyMap<string, Uint8Array | undefined> | undefined

  constructor(database: Database, counters: PrefixCounters, options: LevelOptions, databasePath: string) {
    this.#database = database
    this.#reader = new LevelReader(database)
    this.databasePath = databasePath
    this.#counters = counters
    this.durability = options.durability
    this.#acknowledgesBeforeWriting = options.durability === 'none' && options.sharedByThreads !== true
    this.#diskSpace = new DiskSpace(options.directory, options.diskReserveBytes)
    this.#groups = new GroupCommit((group) => this.#writeGroup(group), options)
  }

  get(key: string): Uint8Array | undefined {
    if (this.#acknowledged?.has(key)) return this.#acknowledged.get(key)
    return this.#reader.get(key)
  }

  async getBeside(key: string): Promise<Uint8Array | undefined> {
    if (this.#acknowledged?.has(key)) return this.#acknowledged.get(key)
    return this.#reader.getBeside(key)
  }

  mayBlock(): boolean {
    return this.#reader.mayBlock()
  }

  getMany(keys: readonly string[]): readonly (Uint8Array | undefined)[] {
    return keys.map((key) => this.get(key))
  }

  commit(mutations: readonly Mutation[]): Promise<readonly MutationResult[]> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    return this.#groups.commit(mutations)
  }

  scan(request: ScanRequest): Promise<ScanPage> {
    return this.#reader.scan(request)
  }

  count(prefix: string): number {
    return this.#counters.count(prefix)
  }

  countAll(): number {
    return this.#counters.total
  }

  async sizeOnDiskBytes(): Promise<number> {
    let bytes = 0
    for (const name of await this.#fileNames()) {
      // A compaction may remove a table between the listing and the look at it.
      bytes += (await stat(join(this.databasePath, name)).catch(() => undefined))?.size ?? 0
    }
    return bytes
  }

  unwritableBecause(): string | undefined {
    return (this.#failure ?? this.#diskSpace.refusal())?.message
  }

  async close(): Promise<void> {
    await this.#groups.close()
    await this.#database.close()
  }

  async #fileNames(): Promise<string[]> {
    try {
      return await readdir(this.databasePath)
    } catch (error) {
      throw unavailable('listing its files', error)
    }
  }

  /** Settles every request of the group: with its results, or all with the one error that kept them from disk. */
  async #writeGroup(group: readonly CommitRequest[]): Promise<void> {
    try {
      const refusal = this.#failure ?? this.#diskSpace.refusal()
      if (refusal !== undefined) throw refusal
      const decision = this.#decide(group)
      if (this.#acknowledgesBeforeWriting) {
        this.#acknowledged = decision.changes
        settle(group, decision.results)
      }
      await this.#write(decision)
      this.#acknowledged = undefined
      settle(group, decision.results)
    } catch (error) {
      const failure = error instanceof HandleError ? error : unavailable('writing', error)
      for (const request of group) request.reject(failure)
    }
  }

  /** Judges every mutation against the store and the mutations before it in the group. */
  #decide(group: readonly CommitRequest[]): Decision {
    const changes = new Map<string, Uint8Array | undefined>()
    const added = new Map<string, number>()
    const results = group.map((request) =>
      request.mutations.map((mutation) => {
        const { key, value } = mutation
        const previous = changes.has(key) ? changes.get(key) : this.get(key)
        const result = { applied: holds(mutation.precondition, previous), previous }
        if (result.applied) {
          changes.set(key, value)
          const prefix = namingPrefixOf(key)
          added.set(prefix, (added.get(prefix) ?? 0) + recordsAdded(mutation, result))
        }
        return result
      }),
    )
    return { results, changes, added }
  }

  /**
   * A write that failed may have left half a log record behind, and what LevelDB appends after it would be lost at the
   * next start. So one failure ends writing until the store is opened again, which drops the half record.
   */
  async #write({ changes, added }: Decision): Promise<void> {
    if (changes.size === 0) return
    const batch = this.#database.batch()
    for (const [key, value] of changes) {
      if (value === undefined) batch.del(key)
      else batch.put(key, value)
    }
    this.#counters.write(batch, added)
    // Records that are acknowledged by now count by now.
    if (this.#acknowledgesBeforeWriting) this.#counters.apply(added)
    try {
      await batch.write({ sync: this.durability === 'sync' })
      if (!this.#acknowledgesBeforeWriting) this.#counters.apply(added)
    } catch (error) {
      this.#failure = unavailable('writing', error)
      throw this.#failure
    }
  }
}

type Decision = {
  readonly results: readonly (readonly MutationResult[])[]
  readonly changes: ReadonlyMap<string, Uint8Array | undefined>
  /** Records added, by naming prefix. */
  readonly added: ReadonlyMap<string, number>
}

// Larger than LevelDB's 2 MiB, so that 500 million records are thousands of files and not tens of thousands.
const tableFileBytes = 16 * 1024 * 1024

const belowRecords = '\u0000'

function settle(group: readonly CommitRequest[], results: Decision['results']): void {
  group.forEach((request, position) => {
    request.resolve(results[position] ?? [])
  })
}
