import { assert } from '../../../src/support/assert.ts'
import { DenseIds } from './dense-ids.ts'
import type { DenseTrace } from './dense-trace.ts'
import { Spill } from './spill.ts'
import type { StoredTrace, TraceColumnName } from './stored-trace.ts'
import { TraceError, type TracePosition } from './trace-error.ts'

/** Which columns are kept beside the objects. */
export type ColumnChoice = {
  readonly sizes: boolean
  readonly times: boolean
  readonly ttls: boolean
  /** The objects' own ids, which only writing the trace again needs. */
  readonly ids?: boolean
}

export type TraceColumnsOptions = ColumnChoice & {
  /** About how many requests will come, where that is known. */
  readonly requestsHint?: number
  readonly requestsMax?: number
  /** Requests that are kept in memory; the columns of a longer trace go to files. All, where absent. */
  readonly requestsInMemory?: number
}

/**
 * Collects the requests of a trace as typed arrays that grow by doubling, over memory that threads can share, up to a bound
 * beyond which they are emptied into files. A request for an object of no bytes is skipped and counted, as libCacheSim does.
 */
export class TraceColumns {
  readonly #ids = new DenseIds()
  readonly #requestsMax: number
  readonly #requestsInMemory: number
  #spill: Spill | undefined
  #spilled = 0
  #objectBytes = 0
  /** In memory. */
  #requests = 0
  #skipped = 0
  #objectOf: Uint32Array
  #bytesOf: Uint32Array | undefined
  #atSecondsOf: Uint32Array | undefined
  #ttlSecondsOf: Uint32Array | undefined
  /** The ttl that each object was last given: a `get` carries none, and keeps what a `set` said. */
  #lastTtlOf: Uint32Array | undefined
  #idHalves: Uint32Array | undefined

  constructor({
    sizes,
    times,
    ttls,
    ids = false,
    requestsHint = 0,
    requestsMax = requestsMaxDefault,
    requestsInMemory = requestsMax,
  }: TraceColumnsOptions) {
    const length = Math.min(Math.max(requestsHint, leastRequests), requestsMax, requestsInMemory)
    this.#requestsMax = requestsMax
    this.#requestsInMemory = requestsInMemory
    this.#objectOf = shared(length)
    this.#bytesOf = sizes ? shared(length) : undefined
    this.#atSecondsOf = times ? shared(length) : undefined
    this.#ttlSecondsOf = ttls ? shared(length) : undefined
    this.#lastTtlOf = ttls ? shared(leastRequests) : undefined
    this.#idHalves = ids ? shared(leastRequests) : undefined
  }

  /** Requests read so far, skipped ones included: the record that comes next. */
  get records(): number {
    return this.#spilled + this.#requests + this.#skipped
  }

  /** Requests left out because they were for no bytes. */
  get skipped(): number {
    return this.#skipped
  }

  /** One request; its five numbers are plain arguments because there are 100 million calls. */
  add(low: number, high: number, bytes: number, atSeconds: number, ttlSeconds: number): void {
    if (bytes === 0) {
      this.#skipped++
      return
    }
    if (this.#requests === this.#objectOf.length) this.#makeRoom()
    const request = this.#requests
    const known = this.#ids.count
    const object = this.#ids.numberOf(low, high)
    if (object === known) this.#objectBytes += bytes
    this.#objectOf[request] = object
    if (this.#idHalves !== undefined) this.#keepId(object, low, high)
    if (this.#bytesOf !== undefined) this.#bytesOf[request] = bytes
    if (this.#atSecondsOf !== undefined) this.#atSecondsOf[request] = atSeconds
    if (this.#ttlSecondsOf !== undefined) this.#ttlSecondsOf[request] = this.#ttlNow(object, ttlSeconds)
    this.#requests = request + 1
  }

  /** The trace as far as it was read, in memory or in files, which are the caller's to delete. */
  finishStored(): StoredTrace {
    if (this.#spill === undefined) return this.finish()
    this.#empty(this.#spill)
    const workingSetBytes = this.#bytesOf === undefined ? undefined : this.#objectBytes
    return this.#spill.finish({ requests: this.#spilled, objects: this.#ids.count, workingSetBytes })
  }

  /** Deletes what went to files, where the trace is not wanted. */
  discard(): void {
    this.#spill?.discard()
  }

  /** The trace as far as it was read, where all of it is kept in memory. */
  finish(): DenseTrace {
    assert(this.#spill === undefined, 'a trace that is kept in memory has not gone to files')
    const requests = this.#requests
    return {
      requests,
      objects: this.#ids.count,
      objectOf: this.#objectOf.subarray(0, requests),
      ...(this.#bytesOf === undefined ? {} : { bytesOf: this.#bytesOf.subarray(0, requests) }),
      ...(this.#atSecondsOf === undefined ? {} : { atSecondsOf: this.#atSecondsOf.subarray(0, requests) }),
      ...(this.#ttlSecondsOf === undefined ? {} : { ttlSecondsOf: this.#ttlSecondsOf.subarray(0, requests) }),
      ...(this.#idHalves === undefined ? {} : { idHalves: this.#idHalves.subarray(0, 2 * this.#ids.count) }),
    }
  }

  #keepId(object: number, low: number, high: number): void {
    let halves = this.#idHalves as Uint32Array
    if (2 * object >= halves.length) this.#idHalves = halves = grown(halves, 2 * halves.length) as Uint32Array
    halves[2 * object] = low
    halves[2 * object + 1] = high
  }

  #ttlNow(object: number, ttlSeconds: number): number {
    let last = this.#lastTtlOf as Uint32Array
    if (object >= last.length) this.#lastTtlOf = last = grown(last, 2 * last.length) as Uint32Array
    if (ttlSeconds > 0) last[object] = ttlSeconds
    return last[object] as number
  }

  #makeRoom(): void {
    if (this.#spilled + this.#requests >= this.#requestsMax) {
      const problem = `the trace has more than ${this.#requestsMax} requests`
      const position: TracePosition = { offsetBytes: 0, record: this.records }
      throw new TraceError('TRACE_UNREADABLE', problem, position)
    }
    if (this.#requests < this.#requestsInMemory) {
      this.#grow(Math.min(2 * this.#objectOf.length, this.#requestsMax, this.#requestsInMemory))
      return
    }
    this.#spill ??= new Spill()
    this.#empty(this.#spill)
  }

  #grow(length: number): void {
    this.#objectOf = grown(this.#objectOf, length) as Uint32Array
    this.#bytesOf = grown(this.#bytesOf, length)
    this.#atSecondsOf = grown(this.#atSecondsOf, length)
    this.#ttlSecondsOf = grown(this.#ttlSecondsOf, length)
  }

  #empty(spill: Spill): void {
    const columns: Readonly<Record<TraceColumnName, Uint32Array | undefined>> = {
      objectOf: this.#objectOf,
      bytesOf: this.#bytesOf,
      atSecondsOf: this.#atSecondsOf,
      ttlSecondsOf: this.#ttlSecondsOf,
    }
    for (const [name, column] of Object.entries(columns))
      if (column !== undefined) spill.append(name as TraceColumnName, column.subarray(0, this.#requests))
    this.#spilled += this.#requests
    this.#requests = 0
  }
}

const leastRequests = 65_536

// Four GiB a column.
const requestsMaxDefault = 2 ** 30

function shared(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(Uint32Array.BYTES_PER_ELEMENT * length))
}

function grown(column: Uint32Array | undefined, length: number): Uint32Array | undefined {
  if (column === undefined) return undefined
  const larger = shared(length)
  larger.set(column)
  return larger
}
