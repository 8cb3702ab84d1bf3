import { BufferReader, EncodingError } from './buffer-reader.ts'

/** A public key as JSON Web Key (RFC 7517): the two kinds that the Handle protocol knows. */
export type PublicKeyJwk =
  | { readonly kty: 'RSA'; readonly n: string; readonly e: string }
  | { readonly kty: 'DSA'; readonly y: string; readonly p: string; readonly q: string; readonly g: string }

/** The binary key of HS_PUBKEY values and of sites: a key-kind string, a reserved uint16, then big-endian integers. */
export function encodeKeyData(key: PublicKeyJwk): Buffer {
  const kind = key.kty === 'RSA' ? rsaKind : dsaKind
  const numbers = key.kty === 'RSA' ? [key.e, key.n] : [key.q, key.p, key.g, key.y]
  const header = Buffer.alloc(4 + kind.length + 2)
  header.writeInt32BE(kind.length, 0)
  header.write(kind, 4)
  const parts = numbers.flatMap((number) => {
    const bytes = signedInteger(Buffer.from(number, 'base64url'))
    const length = Buffer.alloc(4)
    length.writeInt32BE(bytes.length, 0)
    return [length, bytes]
  })
  return Buffer.concat([header, ...parts])
}

/** @throws EncodingError when the bytes are no RSA or DSA public key. */
export function decodeKeyData(bytes: Uint8Array): PublicKeyJwk {
  const reader = new BufferReader(bytes)
  const kind = reader.string('kind of key', keyKindBytesMax)
  reader.uint16('reserved field of key')
  if (kind === rsaKind) {
    const e = readInteger(reader, 'exponent')
    return { kty: 'RSA', n: readInteger(reader, 'modulus'), e }
  }
  if (kind === dsaKind) {
    const q = readInteger(reader, 'q')
    const p = readInteger(reader, 'p')
    const g = readInteger(reader, 'g')
    return { kty: 'DSA', y: readInteger(reader, 'y'), p, q, g }
  }
  throw new EncodingError(`kind of key is "${kind}"; expected ${rsaKind} or ${dsaKind}`)
}

const rsaKind = 'RSA_PUB_KEY'
const dsaKind = 'DSA_PUB_KEY'
const keyKindBytesMax = 64
const integerBytesMax = 4096

function readInteger(reader: BufferReader, field: string): string {
  const bytes = reader.bytes(field, integerBytesMax)
  const significant = bytes.length > 1 && bytes[0] === 0 ? bytes.subarray(1) : bytes
  return significant.toString('base64url')
}

// The reference implementation reads two's complement, so a leading one bit needs a zero byte before it.
function signedInteger(bytes: Buffer): Buffer {
  return ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.of(0), bytes])
}
