import { hash } from 'node:crypto'
import { responseCodes } from './errors.ts'
import { type PublicAnswer, publicAnswerOf } from './identifier/public-answer.ts'
import { decodeRecord } from './identifier/record-encoding.ts'
import type { HandleRecord, HandleValue } from './identifier/value.ts'
import { valuesToJson } from './identifier/value-json.ts'

/** A record as the cache holds it: the bytes of the store beside the public JSON answer, both ready to be sent. */
export type ResolvedRecord = {
  /** RFC 3651 values as the store and the native protocol have them. */
  readonly encoded: Uint8Array
  /** Whether everybody may read every value, so that `encoded` is the whole answer of the native protocol. */
  readonly isWhollyPublic: boolean
  /** The whole public answer for the spelling with which the handle was registered; part of `ready` once there is one. */
  publicBody: Buffer
  /** The spelling that `publicBody` carries. */
  readonly handle: string
  /** Seconds for which a copy may be kept, from the shortest ttl of its values. */
  readonly ttlSeconds: number
  /** When the first value with an absolute ttl expires; undefined when none has one. */
  readonly untilSeconds: number | undefined
  /** The strong entity tag of `publicBody`, quoted, once somebody asked for it. */
  etag: string | undefined
  /** Everything that a transport sends for it, made at the first hit and sent again at each further one. */
  ready: ReadyAnswer | undefined
}

/** A whole answer as bytes, of which only the date changes. */
export type ReadyAnswer = { readonly bytes: Buffer; readonly dateStart: number; dateSecond: number }

/** Encodes a stored record's public answer: done once, when the record enters the cache. */
export function resolvedRecord(encoded: Uint8Array, nowSeconds: number): ResolvedRecord {
  const { publicValues, values, handle, handleJson, valuesJson, ...times } = publicAnswerOf(encoded)
  const { shortestTtlSeconds, firstEndSeconds } = times
  const body = successJson({ publicValues, handleJson, valuesJson })
  const ttlSeconds = Math.min(shortestTtlSeconds, firstEndSeconds - nowSeconds)
  return {
    encoded,
    isWhollyPublic: publicValues > 0 && publicValues === values,
    publicBody: Buffer.from(body, 'latin1'),
    handle,
    ttlSeconds: values === 0 ? 0 : Math.max(0, ttlSeconds),
    untilSeconds: firstEndSeconds === Number.POSITIVE_INFINITY ? undefined : firstEndSeconds,
    etag: undefined,
    ready: undefined,
  }
}

/** The strong entity tag of the whole public answer (RFC 9110 section 8.8.3). */
export function etagOf(resolved: ResolvedRecord): string {
  resolved.etag ??= `"${hash('sha1', resolved.publicBody, 'base64url')}"`
  return resolved.etag
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
  const [handleJson, valuesJson] = [JSON.stringify(handle), valuesToJson(values)]
  return successJson({ publicValues: values.length, handleJson, valuesJson })
}

type AnswerParts = Pick<PublicAnswer, 'publicValues' | 'handleJson' | 'valuesJson'>

function successJson({ publicValues, handleJson, valuesJson }: AnswerParts): string {
  const responseCode = publicValues === 0 ? responseCodes.valuesNotFound : responseCodes.success
  return `{"responseCode":${responseCode}${handleFieldStart}${handleJson},"values":${valuesJson}}`
}

const handleFieldStart = ',"handle":'

function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text))
}
