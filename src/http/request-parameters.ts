import { isUtf8 } from 'node:buffer'
import type { FastifyRequest } from 'fastify'
import { HandleError } from '../errors.ts'
import { indexFromJson, isObject } from '../identifier/input-fields.ts'

/** The parameters of one request by name, each with every value it was given, in order. */
export type Parameters = ReadonlyMap<string, readonly string[]>

/** The handle in `/api/handles/{handle}`: percent-decoded, `+` stays, every further slash is part of it. */
export function handleTextFromUrl(url: string, pathPrefix: string): string {
  const query = url.indexOf('?')
  const path = url.slice(pathPrefix.length, query < 0 ? url.length : query)
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new HandleError('INVALID_HANDLE', `"${path}" is not percent-encoded UTF-8`, { cause })
  }
}

/** The query string's parameters; a name without `=` has the empty value. */
export function queryParameters(url: string): Parameters {
  const start = url.indexOf('?')
  if (start < 0) return noParameters
  const parameters = new Map<string, string[]>()
  for (const [name, value] of new URLSearchParams(url.slice(start + 1))) append(parameters, name, value)
  return parameters
}

/** The parameters of POST, which asks like GET: those of the query string and those of the JSON object in its body. */
export function bodyParameters(request: FastifyRequest): Parameters {
  const parameters = new Map<string, string[]>()
  for (const [name, values] of queryParameters(request.url)) parameters.set(name, [...values])
  refuseCompressed(request)
  const body = request.body instanceof Buffer && request.body.length > 0 ? parseJson(request.body) : {}
  if (!isObject(body)) throw malformed('body', JSON.stringify(body), 'a JSON object of parameters')
  for (const [name, value] of Object.entries(body)) {
    for (const item of Array.isArray(value) ? value : [value]) append(parameters, name, String(item))
  }
  return parameters
}

/** True when present and empty, `yes` or `true`; false for `no` and `false`; `absent` when not given. */
export function booleanParameter<Absent>(
  parameters: Parameters,
  name: string,
  absent: Absent,
): boolean | Absent {
  const text = parameters.get(name)?.at(-1)
  if (text === undefined) return absent
  switch (text.toLowerCase()) {
    case '':
    case 'yes':
    case 'true':
      return true
    case 'no':
    case 'false':
      return false
  }
  throw malformed(name, text, 'true, yes, false, no or nothing')
}

/** A whole number in a range; undefined when not given. */
export function integerParameter(
  parameters: Parameters,
  name: string,
  range: { least: number; most: number },
): number | undefined {
  const text = parameters.get(name)?.at(-1)
  if (text === undefined) return undefined
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= range.least && value <= range.most)) {
    throw malformed(name, text, `an integer from ${range.least} to ${range.most}`)
  }
  return value
}

/** The last value of a text parameter; undefined when not given. */
export function textParameter(parameters: Parameters, name: string): string | undefined {
  return parameters.get(name)?.at(-1)
}

/** The values of the repeatable `index` parameter. */
export function indexParameters(parameters: Parameters): readonly number[] {
  return (parameters.get('index') ?? []).map((text) => {
    try {
      return indexFromJson(text, 'index')
    } catch (cause) {
      throw malformed('index', text, 'an integer from 1 to 2147483647', cause)
    }
  })
}

/** @throws HandleError MALFORMED_REQUEST unless the body says it is JSON and is. */
export function jsonBody(request: FastifyRequest): unknown {
  const mediaType = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json') {
    throw malformed('Content-Type', request.headers['content-type'] ?? '', 'application/json')
  }
  refuseCompressed(request)
  return parseJson(request.body instanceof Buffer ? request.body : Buffer.alloc(0))
}

/** @throws HandleError MALFORMED_REQUEST for a compressed body: a few bytes of it could fill the memory. */
export function refuseCompressed(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw malformed('Content-Encoding', encoding, 'identity: send the body uncompressed')
}

/** The error of a parameter that does not hold what it should. */
export function malformed(name: string, found: string, expected: string, cause?: unknown): HandleError {
  const shown = found.length > 80 ? `${found.slice(0, 80)}…` : found
  return new HandleError('MALFORMED_REQUEST', `${name} is "${shown}"; expected ${expected}`, { cause })
}

const noParameters: Parameters = new Map()

function append(parameters: Map<string, string[]>, name: string, value: string): void {
  const present = parameters.get(name)
  if (present === undefined) parameters.set(name, [value])
  else present.push(value)
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(textOf(body))
  } catch (cause) {
    throw new HandleError('MALFORMED_REQUEST', `the body is not JSON: ${(cause as Error).message}`, { cause })
  }
}

/** Checked and made at once by what is native; the decoder says what is wrong, and takes a byte order mark off. */
function textOf(body: Buffer): string {
  return body[0] !== byteOrderMarkStart && isUtf8(body) ? body.toString('utf8') : strictUtf8.decode(body)
}

const byteOrderMarkStart = 0xef
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
