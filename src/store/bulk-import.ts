import { StartupError } from '../errors.ts'
import type { BulkBatch } from './bulk-batch.ts'
import { BulkWriter, binaryKeys, type Chain, type Database, openBulkDatabase } from './bulk-database.ts'
import { markInitialised, prepareDirectory } from './level-directory.ts'
import { unavailable } from './level-errors.ts'
import { openTablesMax } from './open-tables.ts'
import { PrefixCounters } from './prefix-counters.ts'

export type BulkImportOptions = {
  readonly directory: string
  /** What is imported, in words that are the same each time: an interrupted import of the same goes on. */
  readonly source: string
  /** Seconds of Unix time at which an import starts; one that goes on keeps its own. */
  readonly startSeconds: number
  /** Writing stops, in order, while the file system has fewer bytes free than this. */
  readonly diskReserveBytes: number
}

/** What becomes of records whose handle is there already. */
export type ExistingPolicy = {
  /** Whether two records say the same. */
  isSame(previous: Uint8Array, next: Uint8Array): boolean
  readonly overwrite: boolean
}

/** What became of a batch: positions in it of those that were refused because another record is there. */
export type ImportedBatch = {
  readonly created: number
  readonly replaced: number
  readonly identical: number
  readonly refused: readonly number[]
}

/**
 * Opens the store of a stopped node, or makes one, for records that may be there already, in any order.
 * @throws StartupError
 */
export async function openBulkImport(options: BulkImportOptions): Promise<BulkImport> {
  const { directory, source } = options
  const { databasePath, initialised } = await prepareDirectory(directory, 'level')
  const database = await openBulkDatabase(databasePath, {
    directory,
    createIfMissing: !initialised,
    table: {},
    openTablesMax: openTablesMax(),
  })
  try {
    if (!initialised) await markInitialised(directory, 'level')
    const counters = await PrefixCounters.load(database)
    const [highestKey] = await database.keys<Uint8Array>({ ...binaryKeys, reverse: true, limit: 1 }).all()
    const noted = await database.get(progressKey)
    const earlier = noted === undefined ? undefined : (JSON.parse(Buffer.from(noted).toString()) as Progress)
    const start =
      earlier?.source === source && !earlier.finished
        ? earlier
        : { source, startSeconds: options.startSeconds, position: 0, finished: false }
    return new BulkImport({ database, options, counters, start, highestKey: highestKey ?? new Uint8Array() })
  } catch (error) {
    await database.close()
    throw error instanceof StartupError ? error : unavailable('opening', error)
  }
}

type Parts = {
  readonly database: Database
  readonly options: BulkImportOptions
  readonly counters: PrefixCounters
  readonly start: Progress
  readonly highestKey: Uint8Array
}

type Progress = {
  readonly source: string
  readonly startSeconds: number
  readonly position: number
  readonly finished: boolean
}

/** An import under way: each batch is written whole with its counts and the position behind it, or not at all. */
export class BulkImport {
  readonly #parts: Parts
  readonly #writer: BulkWriter
  #position: number
  #highestKey: Uint8Array

  constructor(parts: Parts) {
    this.#parts = parts
    this.#writer = new BulkWriter(parts.options)
    this.#position = parts.start.position
    this.#highestKey = parts.highestKey
  }

  /** How far an interrupted import of the same source came, in the unit of `write`. */
  get position(): number {
    return this.#position
  }

  get startSeconds(): number {
    return this.#parts.start.startSeconds
  }

  /** Whether there is a record under a key. */
  has(key: string): boolean {
    return this.#parts.database.getSync(key) !== undefined
  }

  /** Hands over a batch; the batch's buffer may then be used again. @throws HandleError STORE_FULL, STORE_UNAVAILABLE. */
  async write(batch: BulkBatch, position: number, policy: ExistingPolicy): Promise<ImportedBatch> {
    // What is looked up must include the batch before.
    await this.#writer.settled()
    const { database, counters } = this.#parts
    const chain = database.batch()
    const added = new Map<string, number>()
    const imported = this.#put(chain, batch, { added, policy })
    counters.write(chain, added)
    counters.apply(added)
    this.#position = position
    chain.put(progressKey, this.#progress({ finished: false }))
    await this.#writer.write(chain)
    return imported
  }

  /** Makes everything durable and forgets how far it came. */
  async finish(): Promise<void> {
    await this.#writer.settled()
    try {
      await this.#parts.database.put(progressKey, this.#progress({ finished: true }), { sync: true })
    } catch (error) {
      throw unavailable('writing', error)
    }
  }

  async close(): Promise<void> {
    await this.#writer.idle()
    await this.#parts.database.close()
  }

  #put(
    chain: Chain,
    { bytes, ends, prefixes }: BulkBatch,
    { added, policy }: { readonly added: Map<string, number>; readonly policy: ExistingPolicy },
  ): ImportedBatch {
    const imported = { created: 0, replaced: 0, identical: 0, refused: [] as number[] }
    // A batch may name a handle twice; what it wrote first is not in the database yet.
    const within = new Map<string, Uint8Array>()
    let place = 0
    let start = 0
    for (const { prefix, records } of prefixes) {
      const before = imported.created
      for (let left = records; left > 0; left--) {
        const keyEnd = ends[place] as number
        const end = ends[place + 1] as number
        const key = bytes.subarray(start, keyEnd)
        const record = bytes.subarray(keyEnd, end)
        const previous = this.#find(key, within)
        if (previous !== undefined && policy.isSame(previous, record)) imported.identical++
        else if (previous !== undefined && !policy.overwrite) imported.refused.push(place / 2)
        else {
          chain.put(key, record, binaryKeys)
          this.#remember(key, record, within)
          if (previous === undefined) imported.created++
          else imported.replaced++
        }
        place += 2
        start = end
      }
      added.set(prefix, (added.get(prefix) ?? 0) + imported.created - before)
    }
    return imported
  }

  /** A key above the highest is certainly new, so that a sorted file costs no look-ups. */
  #find(key: Uint8Array, within: ReadonlyMap<string, Uint8Array>): Uint8Array | undefined {
    if (Buffer.compare(key, this.#highestKey) > 0) return undefined
    return within.get(textOf(key)) ?? this.#parts.database.getSync(key, binaryKeys)
  }

  #remember(key: Uint8Array, record: Uint8Array, within: Map<string, Uint8Array>): void {
    within.set(textOf(key), record)
    if (Buffer.compare(key, this.#highestKey) > 0) this.#highestKey = key.slice()
  }

  #progress(change: { readonly finished: boolean }): Uint8Array {
    const progress = { ...this.#parts.start, position: this.#position, ...change }
    return Buffer.from(JSON.stringify(progress satisfies Progress))
  }
}

// Below the first record's key, as everything that the store keeps for itself.
const progressKey = '\u0000import'

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
