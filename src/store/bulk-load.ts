import { StartupError } from '../errors.ts'
import type { BulkBatch } from './bulk-batch.ts'
import {
  type BulkTableOptions,
  BulkWriter,
  binaryKeys,
  type Database,
  databaseBytes,
  openBulkDatabase,
  visitBatch,
} from './bulk-database.ts'
import { markInitialised, markLoading, prepareDirectory } from './level-directory.ts'
import { unavailable } from './level-errors.ts'
import { PrefixCounters } from './prefix-counters.ts'

export type BulkLoadOptions = {
  readonly directory: string
  /** What is loaded, in words that are the same each time the same load is run: who asks for another is refused. */
  readonly source: string
  /** Seconds of Unix time at which a fresh load starts; one that goes on keeps its own. */
  readonly startSeconds: number
  /** Writing stops, in order, while the file system has fewer bytes free than this. */
  readonly diskReserveBytes: number
  readonly table?: Partial<BulkTableOptions>
}

/**
 * Opens a store's directory for a load of new records in ascending order, or one that such a load left unfinished. From
 * now until it is finished no node opens the directory. @throws StartupError
 */
export async function openBulkLoad(options: BulkLoadOptions): Promise<BulkLoad> {
  const { directory, source } = options
  const { databasePath, initialised, loading } = await prepareDirectory(directory, 'level', {
    mayBeLoading: true,
  })
  if (loading !== undefined && loading !== source) {
    throw new StartupError(
      'STORE_HALF_LOADED',
      `data directory "${directory}" holds part of another offline load (${loading}); this one is ${source}`,
    )
  }
  const database = await openBulkDatabase(databasePath, {
    directory,
    createIfMissing: !initialised,
    table: options.table ?? {},
    openTablesMax,
  })
  try {
    const noted = loading === undefined ? undefined : await database.get(noteKey)
    const note =
      noted === undefined ? { startSeconds: options.startSeconds, counted: false } : readNote(noted)
    if (noted === undefined) await database.put(noteKey, writeNote(note), { sync: true })
    // Only now is it certain that no node has the directory open, and that the note is this load's.
    if (loading === undefined) await markLoading(directory, 'level', source)
    return new BulkLoad({ database, databasePath, options, note })
  } catch (error) {
    await database.close()
    throw error instanceof StartupError ? error : unavailable('opening', error)
  }
}

// Keys in order are never looked up, and each open table holds half a megabyte of index: 0.8 GiB at the engine's thousand.
const openTablesMax = 100

type Parts = {
  readonly database: Database
  readonly databasePath: string
  readonly options: BulkLoadOptions
  readonly note: Note
}

/** What a load keeps of itself until it is finished; a later load of the directory writes a new one. */
type Note = {
  readonly startSeconds: number
  /** Whether its records are counted: a load that was killed between that and its end must not count them again. */
  readonly counted: boolean
}

/**
 * A load under way. Keys in ascending order cost no compaction: each table is written once and stays as it is. That
 * holds only while nothing else is written: one low key in each batch, such as a position or a count, would make all
 * tables overlap and halve the rate. So how far a load came is told by its highest key, and counts are written at the end.
 */
export class BulkLoad {
  readonly #parts: Parts
  readonly #writer: BulkWriter

  constructor(parts: Parts) {
    this.#parts = parts
    this.#writer = new BulkWriter(parts.options)
  }

  /** When it was started the first time. */
  get startSeconds(): number {
    return this.#parts.note.startSeconds
  }

  /** The highest keys under a folded naming prefix, the highest first: batches are whole and in order, so they tell how far it came. */
  async highestKeys({
    prefix,
    keysMax,
  }: {
    readonly prefix: string
    readonly keysMax: number
  }): Promise<readonly string[]> {
    try {
      // A zero is the character behind the slash.
      const range = { gte: `${prefix}/`, lt: `${prefix}0` }
      return await this.#parts.database.keys({ ...range, reverse: true, limit: keysMax }).all()
    } catch (error) {
      throw unavailable('reading', error)
    }
  }

  /**
   * Hands over a batch of keys that are all new and above those before. Returns when the batch before it is written;
   * the batch's buffer may then be used again. @throws HandleError STORE_FULL, STORE_UNAVAILABLE.
   */
  async write(batch: BulkBatch): Promise<void> {
    const chain = this.#parts.database.batch()
    visitBatch(batch, (key, record) => chain.put(key, record, binaryKeys))
    await this.#writer.write(chain)
  }

  /** Notes how many records were loaded, makes all of it durable, and lets nodes open the directory. */
  async finish(loaded: ReadonlyMap<string, number>): Promise<void> {
    await this.#writer.settled()
    const { database, options, note } = this.#parts
    try {
      if (!note.counted) {
        const counters = await PrefixCounters.load(database)
        const chain = database.batch()
        counters.write(chain, loaded)
        chain.put(noteKey, writeNote({ ...note, counted: true }))
        await chain.write({ sync: true })
      }
      // Compacting a range without records still writes what was gathered as a table: a start has nothing to replay.
      await database.compactRange(noteKey, noteKey)
    } catch (error) {
      throw unavailable('writing', error)
    }
    await markInitialised(options.directory, 'level')
  }

  sizeOnDiskBytes(): Promise<number> {
    return databaseBytes(this.#parts.databasePath)
  }

  async close(): Promise<void> {
    await this.#writer.idle()
    await this.#parts.database.close()
  }
}

// Below the first record's key, as everything that the store keeps for itself.
const noteKey = '\u0000load'

function readNote(bytes: Uint8Array): Note {
  return JSON.parse(Buffer.from(bytes).toString()) as Note
}

function writeNote(note: Note): Uint8Array {
  return Buffer.from(JSON.stringify(note))
}
