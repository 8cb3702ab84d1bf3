import type { ValueCodec } from './cache/slab-cache.ts'
import { etagOf, type ResolvedRecord } from './resolved-record.ts'

/** How a resolved record lies in a cache outside the heap: three lengths and two times, then entity tag, a mark, handle, answer and stored bytes. */
export const resolvedRecordCodec: ValueCodec<ResolvedRecord> = {
  bytesOf: ({ handle, publicBody, encoded }) =>
    headerBytes + Buffer.byteLength(handle) + publicBody.length + encoded.length,

  write: (value, target, start) => {
    const { handle, publicBody, encoded, ttlSeconds, untilSeconds = Number.NaN } = value
    const handleStart = start + headerBytes
    const bodyStart = handleStart + target.write(handle, handleStart)
    target.writeDoubleLE(ttlSeconds, start)
    target.writeDoubleLE(untilSeconds, start + 8)
    target.writeUInt32LE(bodyStart - handleStart, start + 16)
    target.writeUInt32LE(publicBody.length, start + 20)
    target.writeUInt32LE(encoded.length, start + 24)
    target.writeUInt8(value.isWhollyPublic ? 1 : 0, start + publicOffset)
    target.write(etagOf(value), start + etagOffset, 'latin1')
    target.set(publicBody, bodyStart)
    target.set(encoded, bodyStart + publicBody.length)
  },

  read: (source, start) => {
    const handleStart = start + headerBytes
    const bodyStart = handleStart + source.readUInt32LE(start + 16)
    const bodyBytes = source.readUInt32LE(start + 20)
    const encodedBytes = source.readUInt32LE(start + 24)
    const untilSeconds = source.readDoubleLE(start + 8)
    // One copy for both, into Node's pool where it is small.
    const copy = Buffer.allocUnsafe(bodyBytes + encodedBytes)
    source.copy(copy, 0, bodyStart, bodyStart + bodyBytes + encodedBytes)
    return {
      encoded: copy.subarray(bodyBytes),
      isWhollyPublic: source[start + publicOffset] === 1,
      publicBody: copy.subarray(0, bodyBytes),
      handle: source.toString('utf8', handleStart, bodyStart),
      ttlSeconds: source.readDoubleLE(start),
      untilSeconds: Number.isNaN(untilSeconds) ? undefined : untilSeconds,
      etag: source.toString('latin1', start + etagOffset, start + publicOffset),
      ready: undefined,
    }
  },
}

// Base64 of a SHA-1 digest without padding, between quotes: a tag has the same length whatever it is of.
const etagBytes = 29
const etagOffset = 28
const publicOffset = etagOffset + etagBytes
const headerBytes = publicOffset + 1
