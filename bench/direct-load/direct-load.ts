import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { StartupError } from '../../src/errors.ts'
import { homePrefixes } from '../../src/first-start.ts'
import { foldAscii } from '../../src/identifier/handle.ts'
import { type BulkTableOptions, bulkTableDefaults } from '../../src/store/bulk-database.ts'
import { type BulkLoad, openBulkLoad } from '../../src/store/bulk-load.ts'
import { isHalfLoaded } from '../../src/store/level-directory.ts'
import type { Store } from '../../src/store/store.ts'
import { type Clock, nowSeconds } from '../../src/support/clock.ts'
import { startProgress } from '../cli/progress.ts'
import { ownResidentBytes } from '../measure/own-memory.ts'
import { ownUsage } from '../measure/process-usage.ts'
import { createKeyOrder, type PlaceInOrder, positionBehind } from '../workload/key-order.ts'
import type { RecordGeneratorOptions } from '../workload/record-generator.ts'
import { generateBatches } from './batches.ts'
import { openLoadedStore } from './open-store.ts'
import { planPieces } from './plan.ts'
import { readSample, type SampleRead } from './sample.ts'

export type DirectLoadOptions = {
  /** A node's data directory: missing, empty, with nothing but homed prefixes, or half loaded by the same load. */
  readonly directory: string
  readonly identifiers: number
  readonly records: RecordGeneratorOptions
  /** Holds the administrator's secret, or will. */
  readonly secretFile: string | undefined
  /** How many identifiers are read back through the node's own engine. */
  readonly sample: number
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly stream: NodeJS.WriteStream
  readonly table?: Partial<BulkTableOptions>
}

export type DirectLoadResult = SampleRead & {
  readonly identifiers: number
  /** Where this run began: above 0 when an earlier one was interrupted. */
  readonly resumedFrom: number
  /** All records below this, in key order, are in the store. */
  readonly completed: number
  /** Of this run: generating and writing, until everything was durable. */
  readonly durationSeconds: number
  readonly recordsPerSecond: number
  readonly cpuSeconds: number
  readonly cpuMicrosecondsPerRecord: number
  readonly storeBytes: number
  readonly storeBytesPerRecord: number
  /** The most at once, the engine's mapped tables included, which the kernel takes back like the rest of the page cache. */
  readonly residentBytesMax: number
  /** The most of it that was the load's own, as seen some hundred times; undefined where the system does not tell. */
  readonly ownBytesMax?: number
  readonly table: BulkTableOptions
  /** How far it was, some hundred times during the load. */
  readonly timeline: readonly { readonly atSeconds: number; readonly completed: number }[]
}

/** Bytes that a generated record takes on disk, measured (see the decision on engine tuning) and rounded up. */
export const storeBytesPerRecordExpected = 62

/** What the file system keeps free: logs and tables being written come and go on top of the records. */
const diskReserveBytes = 512 * 2 ** 20

/** Ordinals that one generator holds in memory, at four bytes each. */
const pieceRecordsMax = 2 ** 25
const generatorsMax = 2

/**
 * Writes the records that `load` would register over HTTP straight into a node's store, in key order, which no compaction
 * has to sort: one or two threads make encoded batches, this one hands them to the engine, whose own threads write.
 * @throws StartupError when the directory cannot take them.
 */
export async function loadDirectly(options: DirectLoadOptions): Promise<DirectLoadResult> {
  const { directory, identifiers, records, clock } = options
  // First of all: it makes the directory, or says why it cannot be used.
  const isContinued = await isHalfLoaded(directory)
  checkDiskSpace(options)
  if (!isContinued) await homeFirst(options)
  const source = `${identifiers} generated identifiers under ${records.prefix}, seed ${records.seed}${records.adminHandle === undefined ? '' : ', with administrators'}`
  const load = await openBulkLoad({
    directory,
    source,
    startSeconds: nowSeconds(clock),
    diskReserveBytes,
    ...(options.table === undefined ? {} : { table: options.table }),
  })
  let written: Written
  try {
    written = await writeAll(options, load)
  } finally {
    await load.close()
  }
  const { completed, resumedFrom, durationSeconds, cpuSeconds } = written
  const done = completed - resumedFrom
  const complete = completed === identifiers
  const read = complete
    ? await readSample({ ...options, timestampSeconds: load.startSeconds })
    : { sampled: 0, sampledWrong: 0, firstWrong: undefined }
  return {
    identifiers,
    ...written,
    recordsPerSecond: durationSeconds > 0 ? done / durationSeconds : 0,
    cpuMicrosecondsPerRecord: done > 0 ? (cpuSeconds * 1e6) / done : 0,
    storeBytesPerRecord: completed > 0 ? written.storeBytes / completed : 0,
    residentBytesMax: process.resourceUsage().maxRSS * 1024,
    table: { ...bulkTableDefaults, ...options.table },
    ...read,
  }
}

type Written = Pick<
  DirectLoadResult,
  'resumedFrom' | 'completed' | 'durationSeconds' | 'cpuSeconds' | 'storeBytes' | 'ownBytesMax' | 'timeline'
>

async function writeAll(options: DirectLoadOptions, load: BulkLoad): Promise<Written> {
  const { identifiers, records, clock, signal, stream } = options
  const startNs = clock.nowNs()
  const cpuBefore = ownUsage().cpuSeconds
  const elapsed = (): number => (clock.nowNs() - startNs) / 1e9
  const order = createKeyOrder(records.seed)
  const counts = order.countByRank(identifiers)
  const resumedFrom = await positionOf(load, { order, counts, identifiers, prefix: records.prefix })
  if (resumedFrom > 0) stream.write(`going on after ${resumedFrom} identifiers\n`)
  const timeline = [{ atSeconds: 0, completed: resumedFrom }]
  const total = identifiers - resumedFrom
  const progress = startProgress({ ...options, label: 'load', total, unit: 'identifiers' })
  let completed = resumedFrom
  let ownBytesMax = 0
  try {
    const pieces = planPieces(counts, { position: resumedFrom, recordsMax: pieceRecordsMax })
    const plan = { records, timestampSeconds: load.startSeconds, identifiers, counts, pieces }
    const threads = Math.min(generatorsMax, Math.max(1, pieces.length), availableParallelism())
    const pointEvery = Math.ceil(total / timelinePoints)
    for await (const batch of generateBatches(plan, { threads })) {
      await load.write(batch)
      completed += batch.records
      progress.update(completed - resumedFrom)
      if (completed - (timeline.at(-1)?.completed ?? 0) >= pointEvery) {
        timeline.push({ atSeconds: elapsed(), completed })
        ownBytesMax = Math.max(ownBytesMax, ownResidentBytes(process.pid) ?? 0)
      }
      if (signal.aborted) break
    }
    if (completed === identifiers) await load.finish(new Map([[records.prefix, identifiers]]))
  } finally {
    progress.stop()
  }
  return {
    resumedFrom,
    completed,
    durationSeconds: elapsed(),
    cpuSeconds: ownUsage().cpuSeconds - cpuBefore,
    storeBytes: await load.sizeOnDiskBytes(),
    ...(ownBytesMax === 0 ? {} : { ownBytesMax }),
    timeline,
  }
}

const timelinePoints = 200

/** How many records an earlier run left, told by the highest key that is not the administrator's. */
async function positionOf(
  load: BulkLoad,
  { prefix, ...place }: PlaceInOrder & { readonly prefix: string },
): Promise<number> {
  const folded = foldAscii(prefix)
  const keys = await load.highestKeys({ prefix: folded, keysMax: 2 })
  const highest = keys.find((key) => key !== administratorKey(folded))
  return highest === undefined ? 0 : positionBehind(highest.slice(folded.length + 1), place)
}

/** The first start of a node in this directory, which homes the prefix; a directory with other records is refused. */
async function homeFirst(options: DirectLoadOptions): Promise<void> {
  const { directory, records, secretFile, clock, stream } = options
  const store = await openLoadedStore(directory)
  try {
    const [administrator] = await homePrefixes(store, {
      prefixes: [records.prefix],
      adminSecretFile: secretFile,
      timestampSeconds: nowSeconds(clock),
    })
    const others = store.countAll() - (await countOfHoming(store))
    if (others > 0) {
      throw new StartupError(
        'CONFIG_INVALID',
        `data directory "${directory}" holds ${others} records besides those of homed prefixes; a direct load expects an empty directory`,
      )
    }
    if (administrator?.secret !== undefined)
      stream.write(`administrator ${administrator.user}, secret ${administrator.secret}\n`)
  } finally {
    await store.close()
  }
}

const prefixRecords = '0.NA/'
const scannedAtOnce = 1000

/** How many records homing prefixes has left: `0.NA/PREFIX` and, but for derived prefixes, `PREFIX/ADMIN`. */
async function countOfHoming(store: Store): Promise<number> {
  let records = 0
  let cursor: string | undefined
  do {
    const after = cursor === undefined ? {} : { after: cursor }
    const page = await store.scan({ keyPrefix: prefixRecords, ...after, entriesMax: scannedAtOnce })
    const administrators = await store.getMany(
      page.entries.map(({ key }) => administratorKey(key.slice(prefixRecords.length))),
    )
    records += page.entries.length + administrators.filter((record) => record !== undefined).length
    cursor = page.cursor
  } while (cursor !== undefined)
  return records
}

function administratorKey(foldedPrefix: string): string {
  return `${foldedPrefix}/ADMIN`
}

function checkDiskSpace({ directory, identifiers }: DirectLoadOptions): void {
  const { bavail, bsize } = statfsSync(directory)
  const freeBytes = bavail * bsize
  const neededBytes =
    Math.ceil(identifiers * storeBytesPerRecordExpected) + diskReserveBytes - heldBytes(directory)
  if (freeBytes >= neededBytes) return
  throw new StartupError(
    'CONFIG_INVALID',
    `${identifiers} identifiers need about ${gibibytes(neededBytes)} GiB in "${directory}"; the file system has ${gibibytes(freeBytes)} GiB free`,
  )
}

/** What an interrupted load has written needs no room any more. */
function heldBytes(directory: string): number {
  const databasePath = join(directory, 'records')
  if (!existsSync(databasePath)) return 0
  return readdirSync(databasePath).reduce((sum, name) => sum + statSync(join(databasePath, name)).size, 0)
}

function gibibytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1)
}
