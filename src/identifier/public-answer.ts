import { isUtf8 } from 'node:buffer'
import { BufferReader, EncodingError } from './buffer-reader.ts'
import { handleBytesLimit } from './handle.ts'
import { decodeRecord, readValue } from './record-encoding.ts'
import { defaultPermissions, permission, recordLimits } from './value.ts'
import { isoSeconds, valueToJson } from './value-json.ts'

/** The public values of an encoded record as the Handle JSON API shows them, and for how long they hold. */
export type PublicAnswer = {
  /** The spelling with which the record was registered. */
  readonly handle: string
  /** That spelling as JSON in UTF-8, one character a byte. */
  readonly handleJson: string
  /** The array of public values as JSON in UTF-8, one character a byte. */
  readonly valuesJson: string
  readonly publicValues: number
  readonly values: number
  /** The shortest relative ttl of all values; infinite where none has one. */
  readonly shortestTtlSeconds: number
  /** When the first value with an absolute ttl ends; infinite where none has one. */
  readonly firstEndSeconds: number
}

/**
 * Makes the public answer straight from the stored bytes. Text of a record is UTF-8 already and nearly all of it needs no
 * escaping, so it is carried over byte for byte, read as Latin-1; what does need more goes through the codec, value by value.
 * A miss of the cache spends half of its own time here otherwise (`npm run bench:micro -- decode-record`).
 * @throws EncodingError when the bytes are not one whole record.
 */
export function publicAnswerOf(encoded: Uint8Array): PublicAnswer {
  const answer = new AnswerReader(encoded).read()
  if (answer !== undefined) return answer
  decodeRecord(encoded)
  throw new EncodingError('the record is damaged in a way that its decoder overlooks')
}

class AnswerReader {
  readonly #bytes: Buffer
  readonly #text: string
  #offset = 0
  #valuesJson = ''
  #publicValues = 0
  #shortestTtlSeconds = Number.POSITIVE_INFINITY
  #firstEndSeconds = Number.POSITIVE_INFINITY

  constructor(encoded: Uint8Array) {
    this.#bytes = Buffer.isBuffer(encoded)
      ? encoded
      : Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength)
    this.#text = this.#bytes.toString('latin1')
  }

  /** Undefined where the bytes are damaged. */
  read(): PublicAnswer | undefined {
    const raw = this.#string(handleBytesLimit)
    const handleEnd = this.#offset
    const values = this.#length(recordLimits.valuesMax)
    if (raw === undefined || values < 0) return undefined
    for (let count = 0; count < values; count++) if (!this.#readValue()) return undefined
    if (this.#offset !== this.#bytes.length) return undefined
    const isAscii = plainAscii.test(raw)
    // Read anew: a slice would keep the text of the whole record in memory for as long as the handle is.
    const handle = this.#bytes.toString(isAscii ? 'latin1' : 'utf8', lengthBytes, handleEnd)
    return {
      handle,
      handleJson: isAscii ? `"${raw}"` : byteText(JSON.stringify(handle)),
      valuesJson: `[${this.#valuesJson}]`,
      publicValues: this.#publicValues,
      values,
      shortestTtlSeconds: this.#shortestTtlSeconds,
      firstEndSeconds: this.#firstEndSeconds,
    }
  }

  #readValue(): boolean {
    const start = this.#offset
    if (start + valueHeadBytes > this.#bytes.length) return false
    const index = this.#uint32(start)
    const timestampSeconds = this.#uint32(start + 4)
    const ttlKind = this.#bytes[start + 8]
    const ttlSeconds = this.#uint32(start + 9)
    const permissions = (this.#bytes[start + 13] as number) & 0x0f
    this.#offset = start + valueHeadBytes
    const type = this.#string(recordLimits.typeBytesMax)
    const data = this.#piece(recordLimits.dataBytesMax)
    const dataEnd = this.#offset
    if (type === undefined || data === undefined || (ttlKind !== 0 && ttlKind !== 1)) return false
    const references = this.#length(recordLimits.referencesMax)
    if (references < 0) return false
    if (references === 0 && ttlKind === 0 && this.#isCarriedOver(type, data, dataEnd)) {
      if (ttlSeconds < this.#shortestTtlSeconds) this.#shortestTtlSeconds = ttlSeconds
      if ((permissions & permission.publicRead) === 0) return true
      const told = permissions === defaultPermissions ? '' : `,"permissions":"${fourBits(permissions)}"`
      this.#add(
        `{"index":${index},"type":"${type}","data":{"format":"string","value":"${data}"}${told}` +
          `,"ttl":${ttlSeconds},"timestamp":"${isoSeconds(timestampSeconds)}"}`,
      )
      return true
    }
    return this.#readRarer(start)
  }

  /** A value that has structure, references, a moment at which it ends, or text to escape. */
  #readRarer(start: number): boolean {
    const reader = new BufferReader(this.#bytes.subarray(start))
    const value = readValue(reader)
    this.#offset = this.#bytes.length - reader.remaining
    const { ttl } = value
    if (ttl.kind === 'relative') this.#shortestTtlSeconds = Math.min(this.#shortestTtlSeconds, ttl.seconds)
    else this.#firstEndSeconds = Math.min(this.#firstEndSeconds, ttl.atSeconds)
    if ((value.permissions & permission.publicRead) !== 0) this.#add(byteText(valueToJson(value)))
    return true
  }

  /** Whether type and data, one character a byte, stand in JSON as they are. */
  #isCarriedOver(type: string, data: string, dataEnd: number): boolean {
    if (!plainAscii.test(type) || type.startsWith('HS_') || !plainBytes.test(data)) return false
    return !beyondAscii.test(data) || isUtf8(this.#bytes.subarray(dataEnd - data.length, dataEnd))
  }

  #add(json: string): void {
    this.#valuesJson += this.#publicValues === 0 ? json : `,${json}`
    this.#publicValues++
  }

  /** The next length-prefixed text, one character a byte; undefined where it is too long or not UTF-8. */
  #string(bytesMax: number): string | undefined {
    const start = this.#offset + lengthBytes
    const text = this.#piece(bytesMax)
    if (text === undefined || !beyondAscii.test(text)) return text
    return isUtf8(this.#bytes.subarray(start, this.#offset)) ? text : undefined
  }

  #piece(bytesMax: number): string | undefined {
    const length = this.#length(bytesMax)
    const start = this.#offset
    if (length < 0 || start + length > this.#bytes.length) return undefined
    this.#offset = start + length
    return this.#text.slice(start, start + length)
  }

  /** The next count or length; negative where it is missing, negative or too large. */
  #length(most: number): number {
    const start = this.#offset
    if (start + lengthBytes > this.#bytes.length) return -1
    this.#offset = start + lengthBytes
    const length = this.#uint32(start)
    return length > most ? -1 : length
  }

  #uint32(at: number): number {
    const bytes = this.#bytes
    const high = (bytes[at] as number) * 0x1000000
    return (
      high +
      (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
    )
  }
}

// Index, timestamp, ttl type, ttl, permissions.
const valueHeadBytes = 4 + 4 + 1 + 4 + 1
const lengthBytes = 4

const plainAscii = /^[ !#-[\]-~]*$/
const beyondAscii = /[\x80-\xff]/
/** UTF-8 without control characters, of which those of Latin-1 begin with C2, and without what JSON escapes. */
const plainBytes = /^[ !#-[\]-~\x80-\xc1\xc3-\xff]*$/

/** Text as its UTF-8 bytes, one character each. */
function byteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

function fourBits(permissions: number): string {
  return permissions.toString(2).padStart(4, '0')
}
