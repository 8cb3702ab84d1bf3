import { hash } from 'node:crypto'
import { responseCodes } from './errors.ts'
import { type PublicAnswer, publicAnswerOf } from './identifier/public-answer.ts'
import { decodeRecord } from './identifier/record-encoding.ts'
import type { HandleRecord, HandleValue } from './identifier/value.ts'
import { valuesToJson } from './identifier/value-json.ts'

/** A record as the cache holds it: the bytes of the store beside the public JSON answer. */
export interface ResolvedRecord {
  /** RFC 3651 values as the store and the native protocol have them. */
  readonly encoded: Uint8Array
  /** Whether everybody may read every value, so that `encoded` is the whole answer of the native protocol. */
  readonly isWhollyPublic: boolean
  /** The spelling with which the handle was registered, which the public answer carries. */
  readonly handle: string
  /** Seconds for which a copy may be kept, from the shortest ttl of its values. */
  readonly ttlSeconds: number
  /** When the first value with an absolute ttl expires; undefined when none has one. */
  readonly untilSeconds: number | undefined
  /** The whole public answer for that spelling: always the same object. */
  readonly publicBody: Buffer
  /** The length of the public answer. */
  readonly bodyBytes: number
  /** Writes the public answer without making an object of it. */
  copyBody(target: Buffer, start: number): void
  /** The strong entity tag of the public answer, quoted. */
  readonly etag: string
  /** Whether further hits find this very object, so that an answer kept with it is found too. */
  readonly isKept: boolean
  /** Everything that a transport sends for it, ending with the public answer. */
  ready: ReadyAnswer | undefined
}

/** A whole answer as bytes, of which only the date changes. */
export type ReadyAnswer = { readonly bytes: Buffer; readonly dateStart: number; dateSecond: number }

type Facts = Pick<
  ResolvedRecord,
  'encoded' | 'isWhollyPublic' | 'handle' | 'ttlSeconds' | 'untilSeconds' | 'bodyBytes'
>

/** Renders a stored record's public answer: done once, when the record enters the cache. */
export function resolvedRecord(encoded: Uint8Array, nowSeconds: number): ResolvedRecord {
  const { publicValues, values, handle, handleJson, valuesJson, ...times } = publicAnswerOf(encoded)
  const { shortestTtlSeconds, firstEndSeconds } = times
  const body = successJson({ publicValues, handleJson, valuesJson })
  const ttlSeconds = Math.min(shortestTtlSeconds, firstEndSeconds - nowSeconds)
  const facts = {
    encoded,
    isWhollyPublic: publicValues > 0 && publicValues === values,
    handle,
    ttlSeconds: values === 0 ? 0 : Math.max(0, ttlSeconds),
    untilSeconds: firstEndSeconds === Number.POSITIVE_INFINITY ? undefined : firstEndSeconds,
    bodyBytes: body.length,
  }
  return new KeptRecord(facts, { body })
}

/** A record with bytes of its own. */
export class KeptRecord implements ResolvedRecord {
  readonly isKept = true
  readonly encoded: Uint8Array
  readonly isWhollyPublic: boolean
  readonly handle: string
  readonly ttlSeconds: number
  readonly untilSeconds: number | undefined
  readonly bodyBytes: number
  /** One character a byte where it is text: most that are read from the store are sent once and need no buffer of their own. */
  #body: string | Buffer
  #etag: string | undefined
  #ready: ReadyAnswer | undefined

  constructor(facts: Facts, parts: { readonly body: string | Buffer; readonly etag?: string }) {
    this.encoded = facts.encoded
    this.isWhollyPublic = facts.isWhollyPublic
    this.handle = facts.handle
    this.ttlSeconds = facts.ttlSeconds
    this.untilSeconds = facts.untilSeconds
    this.bodyBytes = facts.bodyBytes
    this.#body = parts.body
    this.#etag = parts.etag
  }

  get publicBody(): Buffer {
    if (typeof this.#body === 'string') this.#body = Buffer.from(this.#body, 'latin1')
    return this.#body
  }

  get etag(): string {
    this.#etag ??= strongTag(isAsBytes(this.#body) ? this.#body : this.publicBody)
    return this.#etag
  }

  get ready(): ReadyAnswer | undefined {
    return this.#ready
  }

  set ready(ready: ReadyAnswer | undefined) {
    this.#ready = ready
    // One copy of the body is enough.
    if (ready !== undefined) this.#body = ready.bytes.subarray(ready.bytes.length - this.bodyBytes)
  }

  copyBody(target: Buffer, start: number): void {
    if (typeof this.#body === 'string') target.write(this.#body, start, 'latin1')
    else target.set(this.#body, start)
  }
}

/** The strong entity tag of an answer's bytes (RFC 9110 section 8.8.3). */
export function strongTag(body: Buffer | string): string {
  return `"${hash('sha1', body, 'base64url')}"`
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

/** Whether it hashes as the bytes that it stands for: text is hashed as UTF-8. */
function isAsBytes(body: string | Buffer): boolean {
  return typeof body !== 'string' || Buffer.byteLength(body) === body.length
}
