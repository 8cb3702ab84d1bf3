import { BufferReader } from '../../identifier/buffer-reader.ts'
import { handleBytesLimit } from '../../identifier/handle.ts'
import { readValue, valueBytesMin } from '../../identifier/record-encoding.ts'
import { type HandleValue, recordLimits } from '../../identifier/value.ts'

/** What a resolution asks for: everything where both lists are empty. */
export type ResolveBody = {
  readonly handle: string
  readonly indexes: readonly number[]
  readonly types: readonly string[]
}

/** @throws EncodingError */
export function readResolveBody(body: Buffer): ResolveBody {
  const reader = new BufferReader(body)
  const handle = reader.string('handle', handleBytesLimit)
  const indexes = readIndexes(reader)
  const typeCount = reader.count('number of types', { countMax: recordLimits.valuesMax, itemBytesMin: 4 })
  const types: string[] = []
  for (let position = 0; position < typeCount; position++) {
    types.push(reader.string('type', recordLimits.typeBytesMax))
  }
  reader.end('resolution request')
  return { handle, indexes, types }
}

/** What a resolution carries. */
export function encodeResolveBody({ handle, indexes, types }: ResolveBody): Buffer {
  let length = 12 + Buffer.byteLength(handle) + 4 * indexes.length
  for (const type of types) length += 4 + Buffer.byteLength(type)
  const target = Buffer.allocUnsafe(length)
  let offset = writeSized(target, 0, handle)
  offset = target.writeInt32BE(indexes.length, offset)
  for (const index of indexes) offset = target.writeUInt32BE(index, offset)
  offset = target.writeInt32BE(types.length, offset)
  for (const type of types) offset = writeSized(target, offset, type)
  return target
}

/** The body of requests that name a handle and nothing else. @throws EncodingError */
export function readHandleBody(body: Buffer): string {
  const reader = new BufferReader(body)
  const handle = reader.string('handle', handleBytesLimit)
  reader.end('request')
  return handle
}

/** The body of create, add and modify, and of the answer to a resolution. @throws EncodingError */
export function readValuesBody(body: Buffer): { handle: string; values: readonly HandleValue[] } {
  const reader = new BufferReader(body)
  const handle = reader.string('handle', handleBytesLimit)
  const count = reader.count('number of values', {
    countMax: recordLimits.valuesMax,
    itemBytesMin: valueBytesMin,
  })
  const values: HandleValue[] = []
  for (let position = 0; position < count; position++) values.push(readValue(reader))
  reader.end('request')
  return { handle, values }
}

/** The body of remove value. @throws EncodingError */
export function readIndexesBody(body: Buffer): { handle: string; indexes: readonly number[] } {
  const reader = new BufferReader(body)
  const handle = reader.string('handle', handleBytesLimit)
  const indexes = readIndexes(reader)
  reader.end('request')
  return { handle, indexes }
}

/** The body of remove value. */
export function encodeIndexesBody(handle: string, indexes: readonly number[]): Buffer {
  return Buffer.concat([sized(handle), ...[indexes.length, ...indexes].map(uint32)])
}

/** The nonce that a challenge carries behind the digest of the request. @throws EncodingError */
export function readChallengeBody(body: Buffer): Buffer {
  const reader = new BufferReader(body)
  return reader.bytes('nonce', proofBytesMax)
}

/** What a client says to a challenge (RFC 3652 section 3.5.2). */
export type ChallengeAnswerBody = {
  readonly authenticationType: string
  readonly handle: string
  readonly index: number
  readonly proof: Buffer
}

/** @throws EncodingError */
export function readChallengeAnswerBody(body: Buffer): ChallengeAnswerBody {
  const reader = new BufferReader(body)
  const authenticationType = reader.string('authentication type', recordLimits.typeBytesMax)
  const handle = reader.string('handle', handleBytesLimit)
  const index = reader.uint32('index')
  const proof = reader.bytes('proof', proofBytesMax)
  reader.end('answer to a challenge')
  return { authenticationType, handle, index, proof }
}

/** What proves an identity to whoever challenged it. */
export function encodeChallengeAnswerBody(answer: ChallengeAnswerBody): Buffer {
  const { authenticationType, handle, index, proof } = answer
  return Buffer.concat([sized(authenticationType), sized(handle), uint32(index), sized(proof)])
}

/** The message of an error, which older servers leave out; whatever follows it is of no use. */
export function readErrorBody(body: Buffer): string {
  if (body.length < 4) return ''
  return new BufferReader(body).bytes('message', body.length).toString('utf8')
}

/** What a listing answers: handles. @throws EncodingError */
export function readHandles(body: Buffer): readonly string[] {
  const reader = new BufferReader(body)
  const count = reader.count('number of handles', { countMax: body.length, itemBytesMin: 4 })
  const handles = Array.from({ length: count }, () => reader.string('handle', handleBytesLimit))
  reader.end('listing')
  return handles
}

/** One length-prefixed byte array: an error's message, a handle, a nonce. */
export function sized(content: string | Uint8Array): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return Buffer.concat([uint32(bytes.length), bytes])
}

/** A count and as many handles: the body of listings. */
export function encodeHandles(handles: readonly string[]): Buffer {
  return Buffer.concat([uint32(handles.length), ...handles.map(sized)])
}

/** A handle, which may be empty, and values already encoded: the body of referrals and of selected values. */
export function encodeValues(handle: string, values: readonly Uint8Array[]): Buffer {
  return Buffer.concat([sized(handle), uint32(values.length), ...values])
}

const proofBytesMax = 16_384

function readIndexes(reader: BufferReader): readonly number[] {
  const count = reader.count('number of indexes', { countMax: recordLimits.valuesMax, itemBytesMin: 4 })
  if (count === 0) return noIndexes
  const indexes: number[] = []
  for (let position = 0; position < count; position++) indexes.push(reader.uint32('index'))
  return indexes
}

const noIndexes: readonly number[] = Object.freeze([])

function writeSized(target: Buffer, start: number, text: string): number {
  const bytes = target.write(text, start + 4)
  target.writeInt32BE(bytes, start)
  return start + 4 + bytes
}

function uint32(value: number): Buffer {
  const target = Buffer.allocUnsafe(4)
  target.writeUInt32BE(value, 0)
  return target
}
