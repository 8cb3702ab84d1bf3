import { isUtf8 } from 'node:buffer'

/** The bytes do not hold what they claim to: truncated, over a limit or not UTF-8. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError'
}

/**
 * Reads RFC 3651 big-endian integers and length-prefixed strings, with every length checked against what is left
 * before anything is allocated.
 */
export class BufferReader {
  readonly #bytes: Buffer
  #offset = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  uint8(field: string): number {
    return this.#bytes.readUInt8(this.#advance(1, field))
  }

  uint16(field: string): number {
    return this.#bytes.readUInt16BE(this.#advance(2, field))
  }

  int32(field: string): number {
    return this.#bytes.readInt32BE(this.#advance(4, field))
  }

  /** Unix seconds and other quantities that the protocol means as unsigned. */
  uint32(field: string): number {
    return this.#bytes.readUInt32BE(this.#advance(4, field))
  }

  /** A count of items that each take at least `itemBytesMin`, so that a hostile count cannot allocate. */
  count(field: string, limits: { countMax: number; itemBytesMin: number }): number {
    const count = this.int32(field)
    if (count < 0 || count > limits.countMax) {
      throw new EncodingError(`${field} is ${count}; expected 0 to ${limits.countMax}`)
    }
    if (count * limits.itemBytesMin > this.remaining) {
      throw new EncodingError(`${field} is ${count}, more than the ${this.remaining} bytes left can hold`)
    }
    return count
  }

  /** A view of the next length-prefixed bytes, not a copy. */
  bytes(field: string, bytesMax: number): Buffer {
    const length = this.int32(`length of ${field}`)
    if (length < 0 || length > bytesMax) {
      throw new EncodingError(`length of ${field} is ${length}; expected 0 to ${bytesMax}`)
    }
    const start = this.#advance(length, field)
    return this.#bytes.subarray(start, start + length)
  }

  string(field: string, bytesMax: number): string {
    const bytes = this.bytes(field, bytesMax)
    if (!isUtf8(bytes)) throw new EncodingError(`${field} is not UTF-8`)
    return bytes.toString('utf8')
  }

  raw(length: number, field: string): Buffer {
    const start = this.#advance(length, field)
    return this.#bytes.subarray(start, start + length)
  }

  end(what: string): void {
    if (this.remaining !== 0) throw new EncodingError(`${this.remaining} bytes follow the end of the ${what}`)
  }

  #advance(length: number, field: string): number {
    const start = this.#offset
    if (length > this.remaining) {
      throw new EncodingError(
        `${field} needs ${length} bytes at offset ${start}, only ${this.remaining} are left`,
      )
    }
    this.#offset = start + length
    return start
  }
}
