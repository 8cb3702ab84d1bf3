import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ClassicLevel } from 'classic-level'
import { foldAscii } from '../../src/identifier/handle.ts'
import { systemClock } from '../../src/support/clock.ts'
import { createPrng } from '../../src/support/prng.ts'
import { loadDirectly } from '../direct-load/direct-load.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { ownUsage } from '../measure/process-usage.ts'
import { createRecordGenerator } from '../workload/record-generator.ts'
import type { TuneVariant } from './tune-variants.ts'

/** What one variant cost. */
export type TuneResult = {
  readonly variant: TuneVariant
  readonly recordsPerSecond: number
  readonly loadMicrosecondsPerRecord: number
  readonly loadResidentBytes: number
  readonly storeBytesPerRecord: number
  readonly present: ReadTimes
  readonly absent: ReadTimes
  /** Added by reading, over what the process held before it opened the store. */
  readonly readResidentBytes: number
}

type ReadTimes = { readonly p50Ns: number; readonly p99Ns: number; readonly cpuNs: number }

const seed = 42
const prefix = '88.118'

/** Loads with a variant's tables into a directory of its own below `root`, reads at random, and removes it again. */
export async function tryVariant(
  variant: TuneVariant,
  {
    root,
    identifiers,
    reads,
  }: { readonly root: string; readonly identifiers: number; readonly reads: number },
): Promise<TuneResult> {
  const directory = mkdtempSync(join(root, 'erji-tune-'))
  try {
    const records = { seed, prefix }
    const load = await loadDirectly({
      directory: join(directory, 'data'),
      identifiers,
      records,
      secretFile: join(directory, 'secret'),
      sample: 0,
      clock: systemClock,
      signal: new AbortController().signal,
      stream: process.stderr,
      table: variant,
    })
    const residentBefore = ownUsage().residentBytes
    const { present, absent, residentBytes } = await readAtRandom(variant, {
      databasePath: join(directory, 'data', 'records'),
      identifiers,
      reads,
    })
    return {
      variant,
      recordsPerSecond: load.recordsPerSecond,
      loadMicrosecondsPerRecord: load.cpuMicrosecondsPerRecord,
      loadResidentBytes: load.residentBytesMax,
      storeBytesPerRecord: load.storeBytesPerRecord,
      present,
      absent,
      readResidentBytes: Math.max(0, residentBytes - residentBefore),
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function readAtRandom(
  variant: TuneVariant,
  { databasePath, identifiers, reads }: { databasePath: string; identifiers: number; reads: number },
) {
  const database = new ClassicLevel<string, Uint8Array>(databasePath, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    cacheSize: variant.blockCacheBytes,
    maxOpenFiles: variant.openFilesMax,
    blockSize: variant.blockBytes,
  })
  await database.open()
  try {
    const generator = createRecordGenerator({ seed, prefix })
    const prng = createPrng(seed)
    const draw = (handleOf: (ordinal: number) => string) =>
      Array.from({ length: reads }, () => foldAscii(handleOf(prng.nextBelow(identifiers))))
    // The first round opens the tables.
    timeReads(database, draw(generator.handleOf))
    const present = timeReads(database, draw(generator.handleOf))
    const absent = timeReads(database, draw(generator.absentHandleOf))
    return { present, absent, residentBytes: ownUsage().residentBytes }
  } finally {
    await database.close()
  }
}

function timeReads(database: ClassicLevel<string, Uint8Array>, keys: readonly string[]): ReadTimes {
  const times = new LatencyHistogram()
  const cpuBefore = ownUsage().cpuSeconds
  for (const key of keys) {
    const startNs = systemClock.nowNs()
    database.getSync(key)
    times.record(systemClock.nowNs() - startNs)
  }
  const cpuNs = ((ownUsage().cpuSeconds - cpuBefore) * 1e9) / keys.length
  const { p50Ns, p99Ns } = times.toHistogram()
  return { p50Ns, p99Ns, cpuNs }
}
