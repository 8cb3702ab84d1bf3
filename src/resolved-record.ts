import { responseCodes } from './errors.ts'
import { decodeRecord } from './identifier/record-encoding.ts'
import { type HandleRecord, type HandleValue, isPublic } from './identifier/value.ts'
import { valuesToJson } from './identifier/value-json.ts'

/** A record as the cache holds it: the bytes of the store beside the public JSON answer, both ready to be sent. */
export type ResolvedRecord = {
  /** RFC 3651 values as the store and the native protocol have them. */
  readonly encoded: Uint8Array
  /** The whole public answer for the spelling with which the handle was registered. */
  readonly publicBody: Buffer
  /** The spelling that `publicBody` carries. */
  readonly handle: string
  /** Seconds for which a copy may be kept, from the shortest ttl of its values. */
  readonly ttlSeconds: number
}

/** Encodes a stored record's public answer: done once, when the record enters the cache. */
export function resolvedRecord(encoded: Uint8Array, nowSeconds: number): ResolvedRecord {
  const record = decodeRecord(encoded)
  return {
    encoded,
    publicBody: Buffer.from(successBody(record.handle, record.values.filter(isPublic))),
    handle: record.handle,
    ttlSeconds: shortestTtlSeconds(record.values, nowSeconds),
  }
}

/** The record itself, decoded: for every answer other than the whole public one. */
export function recordOf(resolved: ResolvedRecord): HandleRecord {
  return decodeRecord(resolved.encoded)
}

/** The ready bytes with another spelling of the handle: answers repeat what was asked. */
export function publicBodyFor(resolved: ResolvedRecord, askedHandle: string): Buffer {
  if (askedHandle === resolved.handle) return resolved.publicBody
  const { publicBody } = resolved
  const handleStart = publicBody.indexOf(handleFieldStart) + handleFieldStart.length
  const handleEnd = handleStart + jsonBytes(resolved.handle)
  return Buffer.concat([
    publicBody.subarray(0, handleStart),
    Buffer.from(JSON.stringify(askedHandle)),
    publicBody.subarray(handleEnd),
  ])
}

/** `{"responseCode":1,"handle":…,"values":[…]}`, or response code 200 when there is no value to show. */
export function successBody(handle: string, values: readonly HandleValue[]): string {
  const responseCode = values.length === 0 ? responseCodes.valuesNotFound : responseCodes.success
  return `{"responseCode":${responseCode}${handleFieldStart}${JSON.stringify(handle)},"values":${valuesToJson(values)}}`
}

const handleFieldStart = ',"handle":'

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text))
}

function shortestTtlSeconds(values: readonly HandleValue[], nowSeconds: number): number {
  let shortest = Number.POSITIVE_INFINITY
  for (const { ttl } of values) {
    shortest = Math.min(shortest, ttl.kind === 'relative' ? ttl.seconds : ttl.atSeconds - nowSeconds)
  }
  return Math.max(0, Number.isFinite(shortest) ? shortest : 0)
}
