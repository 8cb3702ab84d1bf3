import { hash } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { accessTraceSecret } from './access-trace-secret.ts'
import type { Cache, CacheLookup, CacheStatistics } from './cache/cache.ts'
import { StartupError } from './errors.ts'
import type { ResolvedRecord } from './resolved-record.ts'
import type { AccessTraceKeys } from './settings.ts'
import { accessTraceHead } from './support/access-trace-format.ts'
import type { Clock } from './support/clock.ts'

export type AccessTraceOptions = {
  readonly file: string
  /** `hashed`: 64 bits of the SHA-256 of a secret and the handle, as 16 hexadecimal digits; `plain`: the handle itself. */
  readonly keys: AccessTraceKeys
}

/**
 * Writes what a node's cache was asked, one line a request: Unix milliseconds, bytes of the answer, seconds for which
 * it may be kept, `hit`, `miss`, `negative` or `absent`, and the canonical handle last, since it may hold commas, though no line end. Several
 * threads append to one file: their lines are whole, in order for each thread, and each tells its time.
 */
export class AccessTrace {
  /** Nothing where handles stand as they are. */
  readonly #secret: string | undefined
  readonly #clock: Clock
  readonly #descriptor: number
  readonly #flusher: NodeJS.Timeout
  #lines: string[] = []
  #hasFailed = false

  /** @throws StartupError CONFIG_INVALID where the file or its secret cannot be written. */
  constructor({ file, keys }: AccessTraceOptions, clock: Clock) {
    this.#secret = keys === 'plain' ? undefined : accessTraceSecret(file)
    this.#clock = clock
    this.#descriptor = openForAppending(file)
    this.#flusher = setInterval(() => this.#flush(), flushEveryMs).unref()
  }

  record(key: string, facts: { bytes: number; ttlSeconds: number; outcome: AccessOutcome }): void {
    const name = this.#secret === undefined ? key : hash('sha256', this.#secret + key).slice(0, 16)
    const { bytes, ttlSeconds, outcome } = facts
    this.#lines.push(`${this.#clock.nowMs()},${bytes},${Math.floor(ttlSeconds)},${outcome},${name}\n`)
    if (this.#lines.length >= linesMax) this.#flush()
  }

  close(): void {
    clearInterval(this.#flusher)
    this.#flush()
    closeSync(this.#descriptor)
  }

  /**
   * One call for a block of whole lines: appending is atomic against other threads. A file that cannot be written, on a full
   * disk for instance, ends the recording and not the node: what it was asked still has to be answered.
   */
  #flush(): void {
    if (this.#lines.length === 0) return
    const lines = Buffer.from(this.#lines.join(''))
    this.#lines = []
    if (this.#hasFailed) return
    try {
      const written = writeSync(this.#descriptor, lines)
      if (written < lines.length) throw new Error(`${written} of ${lines.length} bytes were taken`)
    } catch (error) {
      this.#hasFailed = true
      process.emitWarning(`the access trace ends here: ${(error as Error).message}`)
    }
  }
}

export type AccessOutcome = 'hit' | 'miss' | 'negative' | 'absent'

/** Tells the trace of every lookup of a cache; a miss is told when what was missed has been read and is stored. */
export class TracedCache implements Cache<ResolvedRecord> {
  readonly #cache: Cache<ResolvedRecord>
  readonly #trace: AccessTrace
  readonly #missed = new Map<string, number>()

  constructor(cache: Cache<ResolvedRecord>, trace: AccessTrace) {
    this.#cache = cache
    this.#trace = trace
  }

  lookup(key: string): CacheLookup<ResolvedRecord> {
    const found = this.#cache.lookup(key)
    if (found.kind === 'hit') this.#recordHit(key, found.value)
    else if (found.kind === 'negative') this.#trace.record(key, { ...absence(key), outcome: 'negative' })
    else this.#noteMiss(key)
    return found
  }

  hit(key: string, accepts: (value: ResolvedRecord) => boolean): ResolvedRecord | undefined {
    const found = this.#cache.hit(key, accepts)
    if (found !== undefined) this.#recordHit(key, found)
    return found
  }

  epochOf(key: string): number {
    return this.#cache.epochOf(key)
  }

  storeRecord(
    key: string,
    value: ResolvedRecord,
    facts: { epoch: number; bytes: number; ttlSeconds: number },
  ): void {
    this.#cache.storeRecord(key, value, facts)
    const { ttlSeconds } = facts
    this.#recordMisses(key, { bytes: value.bodyBytes, ttlSeconds, outcome: 'miss' })
  }

  storeAbsence(key: string, facts: { epoch: number }): void {
    this.#cache.storeAbsence(key, facts)
    this.#recordMisses(key, { ...absence(key), outcome: 'absent' })
  }

  invalidate(key: string): void {
    this.#cache.invalidate(key)
  }

  statistics(): CacheStatistics {
    return this.#cache.statistics()
  }

  #recordHit(key: string, { bodyBytes, ttlSeconds }: ResolvedRecord): void {
    this.#trace.record(key, { bytes: bodyBytes, ttlSeconds, outcome: 'hit' })
  }

  /** A read that fails stores nothing; those are forgotten when they have become many. */
  #noteMiss(key: string): void {
    if (this.#missed.size >= missedMax) this.#missed.clear()
    this.#missed.set(key, (this.#missed.get(key) ?? 0) + 1)
  }

  /** Nothing is outstanding for an authoritative read, which asks no cache. */
  #recordMisses(key: string, facts: Parameters<AccessTrace['record']>[1]): void {
    const outstanding = this.#missed.get(key)
    if (outstanding === undefined) return
    this.#missed.delete(key)
    for (let request = 0; request < outstanding; request++) this.#trace.record(key, facts)
  }
}

const flushEveryMs = 200
const linesMax = 1000
const missedMax = 100_000

/** An absence weighs what its answer repeats: the handle. */
function absence(key: string): { bytes: number; ttlSeconds: number } {
  return { bytes: Buffer.byteLength(key), ttlSeconds: 0 }
}

function openForAppending(file: string): number {
  try {
    const descriptor = openSync(file, 'ax')
    writeSync(descriptor, `${accessTraceHead}\n`)
    return descriptor
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return openSync(file, 'a')
    throw new StartupError(
      'CONFIG_INVALID',
      `--access-trace is "${file}"; expected a file that can be written: ${(error as Error).message}`,
      { cause: error },
    )
  }
}
