import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRecordGenerator } from '../../bench/workload/record-generator.ts'
import { EncodingError } from '../../src/identifier/buffer-reader.ts'
import { publicAnswerOf } from '../../src/identifier/public-answer.ts'
import { decodeRecord, encodeRecord } from '../../src/identifier/record-encoding.ts'
import { type HandleRecord, isPublic } from '../../src/identifier/value.ts'
import { valuesFromJson } from '../../src/identifier/value-input.ts'
import { valuesToJson } from '../../src/identifier/value-json.ts'
import { record as anyRecord } from '../support/arbitraries.ts'

/** The same by way of decoded values, as every other answer is made. */
function expectSameAsDecoded(record: HandleRecord): void {
  const answer = publicAnswerOf(encodeRecord(record))
  const visible = record.values.filter(isPublic)
  const utf8 = (text: string): string => Buffer.from(text, 'latin1').toString('utf8')
  expect(answer.handle).toBe(record.handle)
  expect(utf8(answer.handleJson)).toBe(JSON.stringify(record.handle))
  expect(utf8(answer.valuesJson)).toBe(valuesToJson(visible))
  expect([answer.publicValues, answer.values]).toEqual([visible.length, record.values.length])
  const ttls = record.values.map(({ ttl }) => ttl)
  const relative = ttls.flatMap((ttl) => (ttl.kind === 'relative' ? ttl.seconds : []))
  const absolute = ttls.flatMap((ttl) => (ttl.kind === 'absolute' ? ttl.atSeconds : []))
  expect(answer.shortestTtlSeconds).toBe(Math.min(...relative))
  expect(answer.firstEndSeconds).toBe(Math.min(...absolute))
}

// Text between plain and binary: escapes, controls of ASCII and of Latin-1, line separators, and Chinese.
const awkward = fc.string({
  unit: fc.constantFrom(
    'a',
    '"',
    '\\',
    '/',
    '\t',
    '\n',
    '\u0000',
    '\u007f',
    '\u0085',
    '\u00a0',
    '\u2028',
    '砀',
    '😀',
  ),
  maxLength: 12,
})
const awkwardRecord = fc.record({
  handle: awkward,
  values: fc.array(
    fc.record({
      index: fc.nat(),
      type: fc.oneof(awkward, fc.constantFrom('URL', 'HS_ADMIN', 'HS_SITE', 'HS_X')),
      data: fc.oneof(
        awkward.map((text) => Buffer.from(text)),
        fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
      ),
      ttl: fc.record({ kind: fc.constant('relative' as const), seconds: fc.nat() }),
      timestampSeconds: fc.nat(),
      permissions: fc.nat({ max: 15 }),
      references: fc.constant([]),
    }),
    { maxLength: 4 },
  ),
})

describe('the public answer made from stored bytes', () => {
  test('is that of the decoded record, whatever the record holds', () => {
    fc.assert(fc.property(anyRecord, expectSameAsDecoded), { numRuns: 300 })
    fc.assert(fc.property(awkwardRecord, expectSameAsDecoded), { numRuns: 1000 })
  })

  test('is that of the decoded record for generated records of all kinds', () => {
    const generator = createRecordGenerator({ prefix: '88.118', seed: 7, adminHandle: '88.118/ADMIN' })
    for (let ordinal = 0; ordinal < 500; ordinal++) {
      const { handle, valuesJson } = generator.recordOf(ordinal, 0)
      expectSameAsDecoded({ handle, values: valuesFromJson(JSON.parse(valuesJson), 1_780_000_000) })
    }
  })

  test('refuses what the decoder refuses, at every byte that is cut off or changed', () => {
    const encoded = encodeRecord({
      handle: '88.118/砀',
      values: valuesFromJson(
        [{ index: 1, type: 'URL', data: { format: 'string', value: 'https://a.example/砀' } }],
        1_780_000_000,
      ),
    })
    for (let at = 0; at < encoded.length; at++) {
      const cut = encoded.subarray(0, at)
      expect(() => publicAnswerOf(cut)).toThrow(EncodingError)
      for (const byte of [0x00, 0xff, (encoded[at] as number) ^ 0x80]) {
        const changed = Buffer.from(encoded)
        changed[at] = byte
        expect(refusal(() => publicAnswerOf(changed))).toBe(refusal(() => decodeRecord(changed)))
      }
    }
    expect(() => publicAnswerOf(Buffer.concat([encoded, Buffer.of(0)]))).toThrow(EncodingError)
  })
})

function refusal(read: () => unknown): string | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    return error instanceof EncodingError ? error.message : String(error)
  }
}
