import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { foldAscii } from '../../src/identifier/handle.ts'
import { visitBatch } from '../../src/store/bulk-database.ts'
import { openLevelStore } from '../../src/store/level.ts'
import type { Store } from '../../src/store/store.ts'
import { systemClock } from '../../src/support/clock.ts'
import { createPrng } from '../../src/support/prng.ts'
import { generateBatches } from '../direct-load/batches.ts'
import { loadDirectly } from '../direct-load/direct-load.ts'
import { planPieces } from '../direct-load/plan.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { ownResidentBytes } from '../measure/own-memory.ts'
import { ownUsage } from '../measure/process-usage.ts'
import { createKeyOrder } from '../workload/key-order.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import { directoryBytes, openRocksDatabase, openRocksStore } from './rocks-store.ts'

export const comparedEngines = ['level', 'rocksdb'] as const
export type ComparedEngine = (typeof comparedEngines)[number]

/** What one engine took for so many records, in a process of its own. */
export type EngineTrial = {
  readonly engine: ComparedEngine
  readonly identifiers: number
  readonly loadSeconds: number
  readonly loadPerSecond: number
  /** Generating included, which is the same for every engine. */
  readonly loadCpuMicroseconds: number
  readonly storeBytesPerRecord: number
  /** The process's own memory, without mapped files, at the end of the load and of the reads. */
  readonly ownBytesLoaded: number
  readonly ownBytesRead: number
  readonly openSeconds: number
  readonly present: ReadTimes
  readonly absent: ReadTimes
  /** Mutations through the store's own group commit, in random order, each between loaded keys. */
  readonly commitPerSecond: number
  readonly commitCpuMicroseconds: number
}

export type ReadTimes = {
  readonly p50Ns: number
  readonly p99Ns: number
  readonly cpuNs: number
  readonly wrong: number
}

export type TrialOptions = {
  readonly engine: ComparedEngine
  readonly root: string
  readonly identifiers: number
  readonly reads: number
  readonly commits: number
  readonly seed: number
  readonly prefix: string
}

const memory = { writeBufferBytes: 64 * 2 ** 20, blockCacheBytes: 64 * 2 ** 20 } as const
const groupMutationsMax = 10_000
const commitMutations = 500

/** Loads in key order, opens the store by its contract, reads at random and registers in random order; removes it all again. */
export async function tryEngine(options: TrialOptions): Promise<EngineTrial> {
  const { engine, root, identifiers } = options
  const directory = mkdtempSync(join(root, `erji-engine-${engine}-`))
  try {
    const cpuBefore = ownUsage().cpuSeconds
    const startNs = systemClock.nowNs()
    const storeBytes = await loaders[engine](join(directory, 'data'), options)
    const loadSeconds = (systemClock.nowNs() - startNs) / 1e9
    const loadCpuMicroseconds = ((ownUsage().cpuSeconds - cpuBefore) * 1e6) / identifiers
    const ownBytesLoaded = ownResidentBytes(process.pid) ?? 0
    const openNs = systemClock.nowNs()
    const store = await openers[engine](join(directory, 'data'))
    const openSeconds = (systemClock.nowNs() - openNs) / 1e9
    try {
      const read = readAtRandom(store, options)
      const ownBytesRead = ownResidentBytes(process.pid) ?? 0
      const committed = await commitAtRandom(store, options)
      return {
        ...{
          engine,
          identifiers,
          loadSeconds,
          loadCpuMicroseconds,
          ownBytesLoaded,
          ownBytesRead,
          openSeconds,
        },
        loadPerSecond: identifiers / loadSeconds,
        storeBytesPerRecord: storeBytes / identifiers,
        ...read,
        ...committed,
      }
    } finally {
      await store.close()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const loaders = { level: loadLevel, rocksdb: loadRocks } as const satisfies Record<
  ComparedEngine,
  (directory: string, options: TrialOptions) => Promise<number>
>

const openers = {
  level: (directory: string): Promise<Store> =>
    openLevelStore({ ...memory, directory, durability: 'os', diskReserveBytes: 0, groupMutationsMax }),
  rocksdb: (directory: string): Promise<Store> =>
    openRocksStore({ ...memory, directory, durability: 'os', groupMutationsMax }),
} as const satisfies Record<ComparedEngine, (directory: string) => Promise<Store>>

async function loadLevel(directory: string, { identifiers, seed, prefix }: TrialOptions): Promise<number> {
  const { storeBytes } = await loadDirectly({
    ...{ directory, identifiers, records: { seed, prefix }, secretFile: `${directory}-secret`, sample: 0 },
    clock: systemClock,
    signal: new AbortController().signal,
    stream: process.stderr,
  })
  return storeBytes
}

/** The same batches through the binding's own batches, in the same order. */
async function loadRocks(directory: string, { identifiers, seed, prefix }: TrialOptions): Promise<number> {
  const database = await openRocksDatabase({ ...memory, directory })
  try {
    const counts = createKeyOrder(seed).countByRank(identifiers)
    const pieces = planPieces(counts, { position: 0, recordsMax: 2 ** 25 })
    const plan = { records: { seed, prefix }, timestampSeconds: 1_780_000_000, identifiers, counts, pieces }
    const threads = Math.min(2, pieces.length, availableParallelism())
    for await (const bulk of generateBatches(plan, { threads })) {
      const batch = database._chainedBatch()
      visitBatch(bulk, (key, record) => batch._put(key, record, {}))
      batch._writeSync({ sync: false })
      batch._closeSync()
    }
  } finally {
    await database.close()
  }
  return directoryBytes(directory)
}

function readAtRandom(store: Store, options: TrialOptions): Pick<EngineTrial, 'present' | 'absent'> {
  const { seed, prefix, identifiers, reads } = options
  const generator = createRecordGenerator({ seed, prefix })
  const prng = createPrng(seed)
  const draw = (handleOf: (ordinal: number) => string) =>
    Array.from({ length: reads }, () => foldAscii(handleOf(prng.nextBelow(identifiers))))
  // The first round opens the tables.
  timeReads(store, draw(generator.handleOf), { isPresent: true })
  return {
    present: timeReads(store, draw(generator.handleOf), { isPresent: true }),
    absent: timeReads(store, draw(generator.absentHandleOf), { isPresent: false }),
  }
}

function timeReads(store: Store, keys: readonly string[], { isPresent }: { isPresent: boolean }): ReadTimes {
  const times = new LatencyHistogram()
  const cpuBefore = ownUsage().cpuSeconds
  let wrong = 0
  for (const key of keys) {
    const startNs = systemClock.nowNs()
    const found = store.get(key)
    times.record(systemClock.nowNs() - startNs)
    if ((found !== undefined) !== isPresent) wrong++
  }
  const cpuNs = ((ownUsage().cpuSeconds - cpuBefore) * 1e9) / keys.length
  const { p50Ns, p99Ns } = times.toHistogram()
  return { p50Ns, p99Ns, cpuNs, wrong }
}

async function commitAtRandom(
  store: Store,
  { seed, prefix, identifiers, commits }: TrialOptions,
): Promise<Pick<EngineTrial, 'commitPerSecond' | 'commitCpuMicroseconds'>> {
  const generator = createRecordGenerator({ seed, prefix })
  const prng = createPrng(seed + 1)
  const value = Buffer.alloc(recordBytes, 7)
  const cpuBefore = ownUsage().cpuSeconds
  const startNs = systemClock.nowNs()
  for (let done = 0; done < commits; done += commitMutations) {
    await store.commit(
      Array.from({ length: commitMutations }, () => ({
        key: foldAscii(generator.absentHandleOf(prng.nextBelow(identifiers))),
        value,
        precondition: { kind: 'none' } as const,
      })),
    )
  }
  return {
    commitPerSecond: (commits * 1e9) / (systemClock.nowNs() - startNs),
    commitCpuMicroseconds: ((ownUsage().cpuSeconds - cpuBefore) * 1e6) / commits,
  }
}

const recordBytes = 200
