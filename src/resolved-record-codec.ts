import type { ValueCodec } from './cache/slab-cache.ts'
import { KeptRecord, type ReadyAnswer, type ResolvedRecord } from './resolved-record.ts'

/** How a resolved record lies in a cache outside the heap: three lengths and two times, then entity tag, a mark, handle, answer and stored bytes. */
export const resolvedRecordCodec: ValueCodec<ResolvedRecord> = {
  bytesOf: ({ handle, bodyBytes, encoded }) =>
    headerBytes + Buffer.byteLength(handle) + bodyBytes + encoded.length,

  write: (value, target, start) => {
    const { handle, bodyBytes, encoded, ttlSeconds, untilSeconds = Number.NaN } = value
    const handleStart = start + headerBytes
    const bodyStart = handleStart + target.write(handle, handleStart)
    target.writeDoubleLE(ttlSeconds, start)
    target.writeDoubleLE(untilSeconds, start + 8)
    target.writeUInt32LE(bodyStart - handleStart, start + 16)
    target.writeUInt32LE(bodyBytes, start + 20)
    target.writeUInt32LE(encoded.length, start + 24)
    target.writeUInt8(value.isWhollyPublic ? 1 : 0, start + publicOffset)
    target.write(value.etag, start + etagOffset, 'latin1')
    value.copyBody(target, bodyStart)
    target.set(encoded, bodyStart + bodyBytes)
  },

  read: (source, start, use) => {
    const stored = new StoredRecord(source, start)
    const { bodyBytes, etag, encoded } = stored
    // One copy for both.
    const copyBytes = bodyBytes + encoded.length
    const copy = use === 'stay' ? Buffer.allocUnsafeSlow(copyBytes) : Buffer.allocUnsafe(copyBytes)
    stored.copyBody(copy, 0)
    copy.set(encoded, bodyBytes)
    const { isWhollyPublic, handle, ttlSeconds, untilSeconds } = stored
    const facts = { isWhollyPublic, handle, ttlSeconds, untilSeconds, bodyBytes }
    return new KeptRecord(
      { ...facts, encoded: copy.subarray(bodyBytes) },
      { body: copy.subarray(0, bodyBytes), etag },
    )
  },

  view: (source, start) => new StoredRecord(source, start),
}

/** A record where it lies, read part by part as it is asked for; valid as long as its bytes are. */
class StoredRecord implements ResolvedRecord {
  readonly isKept = false
  readonly bodyBytes: number
  ready: ReadyAnswer | undefined
  readonly #source: Buffer
  readonly #start: number
  readonly #bodyStart: number

  constructor(source: Buffer, start: number) {
    this.#source = source
    this.#start = start
    this.#bodyStart = start + headerBytes + source.readUInt32LE(start + 16)
    this.bodyBytes = source.readUInt32LE(start + 20)
  }

  get encoded(): Uint8Array {
    const encodedStart = this.#bodyStart + this.bodyBytes
    return this.#source.subarray(encodedStart, encodedStart + this.#source.readUInt32LE(this.#start + 24))
  }

  get isWhollyPublic(): boolean {
    return this.#source[this.#start + publicOffset] === 1
  }

  get handle(): string {
    return this.#source.toString('utf8', this.#start + headerBytes, this.#bodyStart)
  }

  get ttlSeconds(): number {
    return this.#source.readDoubleLE(this.#start)
  }

  get untilSeconds(): number | undefined {
    const untilSeconds = this.#source.readDoubleLE(this.#start + 8)
    return Number.isNaN(untilSeconds) ? undefined : untilSeconds
  }

  get publicBody(): Buffer {
    return this.#source.subarray(this.#bodyStart, this.#bodyStart + this.bodyBytes)
  }

  get etag(): string {
    return this.#source.toString('latin1', this.#start + etagOffset, this.#start + publicOffset)
  }

  copyBody(target: Buffer, start: number): void {
    this.#source.copy(target, start, this.#bodyStart, this.#bodyStart + this.bodyBytes)
  }
}

// Base64 of a SHA-1 digest without padding, between quotes: a tag has the same length whatever it is of.
const etagBytes = 29
const etagOffset = 28
const publicOffset = etagOffset + etagBytes
const headerBytes = publicOffset + 1
