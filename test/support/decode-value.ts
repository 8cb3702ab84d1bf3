import { BufferReader } from '../../src/identifier/buffer-reader.ts'
import { readValue } from '../../src/identifier/record-encoding.ts'
import type { HandleValue } from '../../src/identifier/value.ts'

/** Reads one value that stands alone. @throws EncodingError when the bytes are not one whole value. */
export function decodeValue(bytes: Uint8Array): HandleValue {
  const reader = new BufferReader(bytes)
  const value = readValue(reader)
  reader.end('value')
  return value
}
