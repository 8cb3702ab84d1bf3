import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { systemClock } from '../../src/support/clock.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { readableJson, writeResult } from '../report/result-files.ts'
import type { CacheMemory } from './cache-memory-child.ts'
import { memoryEngines, payloadBytesMean } from './cache-memory-engine.ts'

/**
 * What a cached entry costs in memory and in pauses of the collector, engine by engine, each in a process of its own:
 * `npm run bench:cache-memory -- [--entries 1000000] [--engines 'lru, slab;s3-fifo, slab'] [--directory results]`. Fails where
 * an engine does not hold them all, such as `--entries 17500000 --engines 'absences, slab'`, more than a Map of V8 takes.
 */

const { values } = parseArgs({
  options: {
    entries: { type: 'string', default: '1000000' },
    engines: { type: 'string', default: Object.keys(memoryEngines).join(';') },
    directory: { type: 'string', default: 'results' },
  },
})
const entries = Number(values.entries)
const payloadBytes = payloadBytesMean()
const startedAt = new Date(systemClock.nowMs()).toISOString()
const measured: Record<string, CacheMemory> = {}

process.stdout.write(
  `${entries.toLocaleString('en')} entries of ${payloadBytes.toFixed(0)} bytes (key, handle, answer, stored record) on average\n` +
    'engine                  bytes/entry  of heap  beyond payload  counted   stores/s     hits/s  full GC ms  p99 pause ms  max\n',
)
for (const engine of values.engines.split(';')) {
  const result = await measureApart(engine)
  measured[engine] = result
  const perEntry = (bytes: number): string => (bytes / result.entries).toFixed(0)
  const columns = [
    engine.padEnd(22),
    perEntry(result.residentBytes).padStart(12),
    perEntry(result.heapBytes).padStart(8),
    (result.residentBytes / result.entries - payloadBytes).toFixed(0).padStart(15),
    perEntry(result.countedBytes).padStart(8),
    Math.round(result.storesPerSecond).toLocaleString('en').padStart(10),
    Math.round(result.hitsPerSecond).toLocaleString('en').padStart(10),
    result.fullCollectionMs.toFixed(0).padStart(11),
    result.pauseP99Ms.toFixed(1).padStart(13),
    result.pauseMaxMs.toFixed(0).padStart(4),
  ]
  process.stdout.write(`${columns.join(' ')}\n`)
  if (result.entries === entries && result.notFound === 0) continue
  process.exitCode = 1
  process.stdout.write(
    `  holds ${result.entries.toLocaleString('en')} entries, ${result.notFound} of ${result.sampled} sampled were not found\n`,
  )
}
const report = { startedAt, environment: collectEnvironment(), entries, payloadBytes, measured }
const paths = await writeResult({
  ...{ directory: values.directory, startedAt, name: 'cache-memory' },
  files: [['.json', () => readableJson(report)]],
})
process.stdout.write(`${paths.join('\n')}\n`)

/** In a process of its own: what an earlier engine left behind would count for the next. */
async function measureApart(engine: string): Promise<CacheMemory> {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'))
  const child = fork(
    fileURLToPath(new URL(`./cache-memory-child${extension}`, import.meta.url)),
    [engine, values.entries],
    {
      execArgv: ['--expose-gc', '--max-old-space-size=16384'],
    },
  )
  const answered: Promise<CacheMemory> = once(child, 'message').then(([message]) => message)
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${engine} ended with ${code} before it answered`)
  })
  const result = await Promise.race([answered, failed])
  failed.catch(() => undefined)
  return result
}
