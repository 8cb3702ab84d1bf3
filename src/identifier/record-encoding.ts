import { BufferReader, EncodingError } from './buffer-reader.ts'
import { handleBytesLimit } from './handle.ts'
import { type HandleRecord, type HandleValue, recordLimits, type Ttl, type ValueReference } from './value.ts'

/**
 * The binary form of records: RFC 3651 section 3.1 values in the list of a resolution answer (RFC 3652 section 3.2.2),
 * `handle, int n, n values`. The store keeps exactly these bytes and the native protocol sends them, so a record is
 * encoded once in its life.
 */
export function encodeRecord(record: HandleRecord): Buffer {
  let length = 8 + Buffer.byteLength(record.handle)
  for (const value of record.values) length += encodedValueBytes(value)
  const target = Buffer.allocUnsafe(length)
  let offset = writeString(target, 0, record.handle)
  offset = target.writeInt32BE(record.values.length, offset)
  for (const value of record.values) offset = writeValue(target, offset, value)
  return target
}

/** @throws EncodingError when the bytes are not one whole record. */
export function decodeRecord(bytes: Uint8Array): HandleRecord {
  const reader = new BufferReader(bytes)
  const handle = reader.string('handle', handleBytesLimit)
  const count = reader.count('number of values', {
    countMax: recordLimits.valuesMax,
    itemBytesMin: valueBytesMin,
  })
  const values: HandleValue[] = []
  for (let position = 0; position < count; position++) values.push(readValue(reader))
  reader.end('record')
  return { handle, values }
}

/** The spelling under which an encoded record was registered, without decoding its values. */
export function recordHandle(bytes: Uint8Array): string {
  return new BufferReader(bytes).string('handle', handleBytesLimit)
}

/** One value alone, as it stands in wire messages. */
export function encodeValue(value: HandleValue): Buffer {
  const target = Buffer.allocUnsafe(encodedValueBytes(value))
  writeValue(target, 0, value)
  return target
}

/** Reads one value where it stands in a longer message. */
export function readValue(reader: BufferReader): HandleValue {
  const index = reader.uint32('index')
  const timestampSeconds = reader.uint32('timestamp')
  const ttl = readTtl(reader)
  const permissions = reader.uint8('permissions') & 0x0f
  const type = reader.string('type', recordLimits.typeBytesMax)
  const data = reader.bytes('data', recordLimits.dataBytesMax)
  const references = readReferences(reader)
  return { index, type, data, ttl, timestampSeconds, permissions, references }
}

/** Reads a list of `handle, index` pairs: references of a value, and the data of HS_VLIST. */
export function readReferences(reader: BufferReader): readonly ValueReference[] {
  const count = reader.count('number of references', {
    countMax: recordLimits.referencesMax,
    itemBytesMin: 8,
  })
  if (count === 0) return noReferences
  const references: ValueReference[] = []
  for (let position = 0; position < count; position++) {
    const handle = reader.string('handle of a reference', handleBytesLimit)
    references.push({ handle, index: reader.uint32('index of a reference') })
  }
  return references
}

/** Writes what `readReferences` reads and returns the offset behind it. */
export function writeReferences(
  target: Buffer,
  start: number,
  references: readonly ValueReference[],
): number {
  let offset = target.writeInt32BE(references.length, start)
  for (const reference of references) {
    offset = writeString(target, offset, reference.handle)
    offset = target.writeUInt32BE(reference.index, offset)
  }
  return offset
}

/** The length of `writeReferences`' output in bytes. */
export function encodedReferencesBytes(references: readonly ValueReference[]): number {
  let length = 4
  for (const reference of references) length += 8 + Buffer.byteLength(reference.handle)
  return length
}

// index, timestamp, ttl type, ttl, permissions, empty type, empty data, no references.
export const valueBytesMin = 4 + 4 + 1 + 4 + 1 + 4 + 4 + 4
const noReferences: readonly ValueReference[] = Object.freeze([])
const ttlTypes = { relative: 0, absolute: 1 } as const

function encodedValueBytes(value: HandleValue): number {
  const references = value.references.length === 0 ? 4 : encodedReferencesBytes(value.references)
  return valueBytesMin - 4 + Buffer.byteLength(value.type) + value.data.length + references
}

function writeValue(target: Buffer, start: number, value: HandleValue): number {
  let offset = target.writeUInt32BE(value.index, start)
  offset = target.writeUInt32BE(value.timestampSeconds, offset)
  offset = target.writeUInt8(ttlTypes[value.ttl.kind], offset)
  offset = target.writeUInt32BE(
    value.ttl.kind === 'relative' ? value.ttl.seconds : value.ttl.atSeconds,
    offset,
  )
  offset = target.writeUInt8(value.permissions, offset)
  offset = writeString(target, offset, value.type)
  offset = target.writeInt32BE(value.data.length, offset)
  target.set(value.data, offset)
  return writeReferences(target, offset + value.data.length, value.references)
}

function writeString(target: Buffer, start: number, text: string): number {
  const length = target.write(text, start + 4)
  target.writeInt32BE(length, start)
  return start + 4 + length
}

function readTtl(reader: BufferReader): Ttl {
  const kind = reader.uint8('ttl type')
  const seconds = reader.uint32('ttl')
  if (kind === ttlTypes.relative) return { kind: 'relative', seconds }
  if (kind === ttlTypes.absolute) return { kind: 'absolute', atSeconds: seconds }
  throw new EncodingError(`ttl type is ${kind}; expected 0 (relative) or 1 (absolute)`)
}
