import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeAdminData,
  decodeVlistData,
  encodeAdminData,
  encodeVlistData,
} from '../../src/identifier/admin-data.ts'
import { EncodingError } from '../../src/identifier/buffer-reader.ts'
import { decodeKeyData, encodeKeyData } from '../../src/identifier/key-data.ts'
import { decodeRecord, encodeRecord, encodeValue } from '../../src/identifier/record-encoding.ts'
import { decodeSiteData, encodeSiteData, hashOptions, transports } from '../../src/identifier/site-data.ts'
import { record, references, text, value } from '../support/arbitraries.ts'
import { decodeValue } from '../support/decode-value.ts'

const uint32 = fc.nat({ max: 0xffff_ffff })
const base64url = fc
  .uint8Array({ minLength: 1, maxLength: 40 })
  // A key's numbers have no leading zero byte: that one belongs to the encoding, as the sign.
  .map((bytes) => Buffer.from([(bytes[0] ?? 0) || 1, ...bytes.subarray(1)]).toString('base64url'))

const key = fc.oneof(
  fc.record({ kty: fc.constant('RSA' as const), n: base64url, e: base64url }),
  fc.record({ kty: fc.constant('DSA' as const), y: base64url, p: base64url, q: base64url, g: base64url }),
)

const site = fc.record({
  version: fc.nat({ max: 0xffff }),
  protocolVersion: fc.record({ major: fc.nat({ max: 255 }), minor: fc.nat({ max: 255 }) }),
  serialNumber: fc.nat({ max: 0xffff }),
  primarySite: fc.boolean(),
  multiPrimary: fc.boolean(),
  hashOption: fc.constantFrom(...hashOptions),
  hashFilter: text({ lengthMax: 10 }),
  attributes: fc.array(fc.record({ name: text({ lengthMax: 10 }), value: text({ lengthMax: 10 }) }), {
    maxLength: 3,
  }),
  servers: fc.array(
    fc.record({
      serverId: fc.nat({ max: 0x7fff_ffff }),
      address: fc.constantFrom(
        '10.0.0.1',
        '255.255.255.255',
        '::1',
        '2001:db8:0:0:0:0:0:1',
        'fe80:0:0:0:1:2:3:4',
      ),
      publicKey: key.map((jwk) => encodeKeyData(jwk)),
      interfaces: fc.array(
        fc.record({
          admin: fc.boolean(),
          query: fc.boolean(),
          protocol: fc.constantFrom(...transports),
          port: fc.nat({ max: 0xffff }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
})

type Codec = {
  arbitrary: fc.Arbitrary<unknown>
  encode: (input: never) => Buffer
  decode: (bytes: Uint8Array) => unknown
}

const codecs: Record<string, Codec> = {
  record: { arbitrary: record, encode: encodeRecord, decode: decodeRecord },
  value: { arbitrary: value, encode: encodeValue, decode: decodeValue },
  admin: {
    arbitrary: fc.record({
      handle: text({ lengthMax: 40 }),
      index: uint32,
      permissions: fc.nat({ max: 0xfff }),
    }),
    encode: encodeAdminData,
    decode: decodeAdminData,
  },
  vlist: { arbitrary: references, encode: encodeVlistData, decode: decodeVlistData },
  site: { arbitrary: site, encode: encodeSiteData, decode: decodeSiteData },
  key: { arbitrary: key, encode: encodeKeyData, decode: decodeKeyData },
}

// What a length or a count may claim: more than there is, negative, at and beyond every limit of the format.
const hostileInt32 = [-1, -0x8000_0000, 0x7fff_ffff, 2047, 2048, 2049, 1024, 4096, 1 << 20, (1 << 20) + 1]

describe.each(Object.entries(codecs))('the binary form of %s', (_name, { arbitrary, encode, decode }) => {
  const encoded = arbitrary.map((input) => encode(input as never))

  test('gives back what was encoded', () => {
    const property = fc.property(arbitrary, (input) => {
      expect(decode(encode(input as never))).toEqual(input)
    })
    fc.assert(property)
  })

  test('is refused with an EncodingError at every truncation', () => {
    const whole = fc.property(encoded, (bytes) => {
      for (let length = 0; length < bytes.length; length++) {
        expect(() => decode(bytes.subarray(0, length))).toThrow(EncodingError)
      }
    })
    fc.assert(whole, { numRuns: 30 })
  })

  test('is either understood or refused with an EncodingError, whatever bytes change', () => {
    const mutation = fc.tuple(
      encoded,
      fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 4 }),
    )
    const property = fc.property(mutation, ([bytes, changes]) => {
      const mutated = Buffer.from(bytes)
      for (const [position, byte] of changes) mutated[position % mutated.length] = byte
      expectDecodedOrRefused(mutated, decode)
    })
    fc.assert(property, { numRuns: 300 })
  })

  test('makes no more of a hostile length or count than the bytes that came', () => {
    const property = fc.property(encoded, (bytes) => {
      for (let offset = 0; offset + 4 <= bytes.length; offset++) {
        for (const claim of hostileInt32) {
          const mutated = Buffer.from(bytes)
          mutated.writeInt32BE(claim, offset)
          expectDecodedOrRefused(mutated, decode)
        }
      }
    })
    fc.assert(property, { numRuns: 5 })
  })

  test('is either understood or refused with an EncodingError when the bytes are noise', () => {
    const noise = fc.uint8Array({ maxLength: 200 })
    fc.assert(fc.property(noise, (bytes) => expectDecodedOrRefused(Buffer.from(bytes), decode)))
  })
})

test('text that is not UTF-8 is refused, not replaced', () => {
  const bytes = encodeRecord({ handle: '88.118/ab', values: [] })
  bytes[4 + 7] = 0xff
  expect(() => decodeRecord(bytes)).toThrow(new EncodingError('handle is not UTF-8'))
})

test('bytes behind the end are refused', () => {
  const bytes = Buffer.concat([encodeRecord({ handle: '88.118/a', values: [] }), Buffer.of(0)])
  expect(() => decodeRecord(bytes)).toThrow('1 bytes follow the end of the record')
})

test('an unknown kind of ttl is refused', () => {
  const bytes = encodeValue({
    index: 1,
    type: '',
    data: Buffer.alloc(0),
    ttl: { kind: 'relative', seconds: 1 },
    timestampSeconds: 0,
    permissions: 0,
    references: [],
  })
  bytes[8] = 2
  expect(() => decodeValue(bytes)).toThrow('ttl type is 2; expected 0 (relative) or 1 (absolute)')
})

test('a key number with its highest bit set gets the sign byte that other implementations need', () => {
  const bytes = encodeKeyData({ kty: 'RSA', n: Buffer.of(0xff, 1).toString('base64url'), e: 'AQAB' })
  expect(bytes.toString('hex')).toBe(
    `0000000b${Buffer.from('RSA_PUB_KEY').toString('hex')}0000${'00000003010001'}${'0000000300ff01'}`,
  )
})

function expectDecodedOrRefused(bytes: Buffer, decode: (bytes: Uint8Array) => unknown): void {
  let decoded: unknown
  try {
    decoded = decode(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(EncodingError)
    return
  }
  expect(countItems(decoded)).toBeLessThanOrEqual(bytes.length + 20)
}

/** Octets and list items that a decoded structure holds. */
function countItems(input: unknown): number {
  if (input instanceof Uint8Array) return input.length
  if (Array.isArray(input)) return input.reduce<number>((sum, item) => sum + 1 + countItems(item), 0)
  if (typeof input === 'object' && input !== null)
    return Object.values(input).reduce<number>((sum, item) => sum + countItems(item), 0)
  return 0
}
