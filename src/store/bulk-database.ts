import { statSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { ClassicLevel } from 'classic-level'
import type { BulkBatch } from './bulk-batch.ts'
import { DiskSpace } from './disk-space.ts'
import { startupError, unavailable } from './level-errors.ts'
import { lookUpWholeKeys } from './whole-keys.ts'

/** How an offline load writes its tables; every one has its measurement in `docs/decisions/010-engine-tuning.md`. */
export type BulkTableOptions = {
  readonly writeBufferBytes: number
  readonly tableFileBytes: number
  readonly blockBytes: number
  readonly restartInterval: number
  readonly compression: boolean
}

/** What the engine is given where nothing else is said. */
export const bulkTableDefaults: BulkTableOptions = {
  writeBufferBytes: 64 * 2 ** 20,
  tableFileBytes: 16 * 2 ** 20,
  blockBytes: 4096,
  restartInterval: 16,
  compression: true,
}

export type Database = ClassicLevel<string, Uint8Array>
export type Chain = ReturnType<Database['batch']>

/** Keys as bytes, where the database takes text otherwise. */
export const binaryKeys = { keyEncoding: 'view' } as const

/** Opens the engine for an offline load. @throws StartupError as any start on a directory that is damaged or in use. */
export async function openBulkDatabase(
  databasePath: string,
  options: {
    readonly directory: string
    readonly createIfMissing: boolean
    readonly table: Partial<BulkTableOptions>
    /** Tables whose index stays in memory: all where old records are looked up, hardly any where they are not. */
    readonly openTablesMax: number
  },
): Promise<Database> {
  const table = { ...bulkTableDefaults, ...options.table }
  const database: Database = new ClassicLevel(databasePath, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    createIfMissing: options.createIfMissing,
    writeBufferSize: table.writeBufferBytes,
    maxFileSize: table.tableFileBytes,
    blockSize: table.blockBytes,
    blockRestartInterval: table.restartInterval,
    compression: table.compression,
    maxOpenFiles: options.openTablesMax,
  })
  try {
    await database.open()
    lookUpWholeKeys(database)
    return database
  } catch (error) {
    await database.close()
    throw startupError(error, options.directory)
  }
}

/** Hands batches to the engine one behind the other: one is prepared while one is written. */
export class BulkWriter {
  readonly #diskSpace: DiskSpace
  readonly #collectGarbage = openGarbageCollector()
  #batchesSinceCollection = 0
  #pending: Promise<void> = Promise.resolve()

  constructor(options: { readonly directory: string; readonly diskReserveBytes: number }) {
    this.#diskSpace = new DiskSpace(options.directory, options.diskReserveBytes)
  }

  /** Returns when the batch before it is written. @throws HandleError STORE_FULL, STORE_UNAVAILABLE. */
  async write(chain: Chain): Promise<void> {
    const refusal = this.#diskSpace.refusal()
    if (refusal !== undefined) throw refusal
    const previous = this.#pending
    this.#pending = previous.then(() => chain.write({ sync: false }))
    // A rejection is met by whoever waits next; until then it must not count as unhandled.
    this.#pending.catch(() => undefined)
    await previous.catch(rethrow)
    if (++this.#batchesSinceCollection < batchesBetweenCollections) return
    this.#batchesSinceCollection = 0
    this.#collectGarbage()
  }

  /** Waits for what is under way. @throws HandleError STORE_UNAVAILABLE. */
  async settled(): Promise<void> {
    await this.#pending.catch(rethrow)
  }

  /** Waits for what is under way, whatever becomes of it. */
  async idle(): Promise<void> {
    await this.#pending.catch(() => undefined)
  }
}

/** Calls `visit` with each key and record of a batch. */
export function visitBatch(
  { bytes, ends, records }: BulkBatch,
  visit: (key: Uint8Array, record: Uint8Array) => void,
): void {
  let start = 0
  for (let place = 0; place < 2 * records; place += 2) {
    const keyEnd = ends[place] as number
    const end = ends[place + 1] as number
    visit(bytes.subarray(start, keyEnd), bytes.subarray(keyEnd, end))
    start = end
  }
}

/** Bytes of all files of a database. */
export async function databaseBytes(databasePath: string): Promise<number> {
  let bytes = 0
  for (const name of await readdir(databasePath)) {
    // The engine may remove a file between the listing and the look at it.
    bytes += statSync(join(databasePath, name), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}

/**
 * The engine's copy of a chained batch is freed when its JavaScript object is collected, and V8, which does not know of
 * that memory, sees no reason to hurry: a load of 100 million records came to hold 4.6 GiB. A collection takes some
 * milliseconds, because hardly anything is alive.
 */
function openGarbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

const batchesBetweenCollections = 32

function rethrow(error: unknown): never {
  throw unavailable('writing', error)
}
