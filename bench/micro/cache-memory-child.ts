import { constants, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { systemClock } from '../../src/support/clock.ts'
import { memoryEngines } from './cache-memory-engine.ts'

/** What one engine took for so many entries. */
export type CacheMemory = {
  readonly entries: number
  /** Of entries sampled evenly over all that were stored, those that were not found again. */
  readonly sampled: number
  readonly notFound: number
  readonly residentBytes: number
  readonly heapBytes: number
  readonly countedBytes: number
  readonly storesPerSecond: number
  readonly hitsPerSecond: number
  readonly fullCollectionMs: number
  /** Pauses of the collector while entries were replaced and asked for. */
  readonly pauses: number
  readonly pauseP99Ms: number
  readonly pauseMaxMs: number
}

/** Fills one engine in this process, which must run with --expose-gc and hold nothing else. */
export async function measureCacheMemory(name: string, entries: number): Promise<CacheMemory> {
  const engine = memoryEngines[name]?.(entries)
  if (engine === undefined) throw new RangeError(`no engine ${name}`)
  collect()
  const before = process.memoryUsage()
  const storeNs = await each({ from: 0, to: entries }, (ordinal) => engine.store(ordinal))
  collect()
  const after = process.memoryUsage()
  const { bytes, entries: held } = engine.counted()
  const sampled = Math.min(entries, sampledMax)
  let notFound = 0
  await each({ from: 0, to: sampled }, (place) => {
    if (!engine.has(Math.floor((place * entries) / sampled))) notFound++
  })
  const pausesMs: number[] = []
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!isForced(entry)) pausesMs.push(entry.duration)
  })
  observer.observe({ entryTypes: ['gc'] })
  const asked = Math.min(entries, askedMax)
  const hitNs = await each({ from: entries - asked, to: entries }, (ordinal) => engine.has(ordinal))
  await each({ from: entries, to: entries + asked }, (ordinal) => engine.store(ordinal))
  await setImmediate()
  observer.disconnect()
  pausesMs.sort((left, right) => left - right)
  const startNs = systemClock.nowNs()
  collect()
  return {
    entries: held,
    sampled,
    notFound,
    residentBytes: after.rss - before.rss,
    heapBytes: after.heapUsed - before.heapUsed,
    countedBytes: bytes,
    storesPerSecond: (1e9 * entries) / storeNs,
    hitsPerSecond: (1e9 * asked) / hitNs,
    fullCollectionMs: (systemClock.nowNs() - startNs) / 1e6,
    pauses: pausesMs.length,
    pauseP99Ms: pausesMs[Math.floor(pausesMs.length * 0.99)] ?? 0,
    pauseMaxMs: pausesMs.at(-1) ?? 0,
  }
}

const askedMax = 500_000
const sampledMax = 200_000
// Turns of the loop between, as a server has them: pauses are reported there, and buffers freed.
const turnOrdinals = 1000

async function each(range: { from: number; to: number }, act: (ordinal: number) => unknown): Promise<number> {
  let spentNs = 0
  for (let from = range.from; from < range.to; from += turnOrdinals) {
    const startNs = systemClock.nowNs()
    const to = Math.min(from + turnOrdinals, range.to)
    for (let ordinal = from; ordinal < to; ordinal++) act(ordinal)
    spentNs += systemClock.nowNs() - startNs
    await setImmediate()
  }
  return spentNs
}

/** Collections that this file asked for are no pauses of the engine's. */
function isForced(entry: PerformanceEntry & { readonly detail?: { readonly flags?: number } }): boolean {
  return ((entry.detail?.flags ?? 0) & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0
}

function collect(): void {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('run with --expose-gc')
  gc()
  gc()
}

const [name, entries] = process.argv.slice(2)
if (process.send !== undefined && name !== undefined) {
  process.send(await measureCacheMemory(name, Number(entries)))
  process.disconnect()
}
