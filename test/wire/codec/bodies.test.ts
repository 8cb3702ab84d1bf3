import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeVlistData } from '../../../src/identifier/admin-data.ts'
import { encodeValue } from '../../../src/identifier/record-encoding.ts'
import {
  encodeChallengeAnswerBody,
  encodeHandles,
  encodeIndexesBody,
  encodeResolveBody,
  encodeValues,
  readChallengeAnswerBody,
  readHandleBody,
  readHandles,
  readIndexesBody,
  readResolveBody,
  readValuesBody,
  sized,
} from '../../../src/wire/codec/bodies.ts'
import { readEnvelope, readMessage } from '../../../src/wire/codec/message.ts'
import { envelopeBytes, operations } from '../../../src/wire/codec/protocol.ts'
import { encodeRequest } from '../../../src/wire/codec/request.ts'
import { text as anyText, value } from '../../support/arbitraries.ts'
import { textValue } from '../../support/wire-node.ts'

const handle = '88.118.8/SN0001'
const prefixRecord = '0.NA/88.118.8'
const values = [
  encodeValue({ ...textValue(1, 'URL', 'https://example.org/p/1'), timestampSeconds: 1_700_000_000 }),
]
const handleHex = '0000000f38382e3131382e382f534e30303031'
const valuesHex = `${handleHex}00000001000000016553f10000000151800e0000000355524c0000001768747470733a2f2f6578616d706c652e6f72672f702f3100000000`
const prefixHex = '0000000d302e4e412f38382e3131382e38'
const header = '0000000019000000ffff00006b055f9a'
const question = { handle, indexes: [3, 300], types: ['URL', 'EMAIL'] }

// Made with an independent client of the Handle protocol (handle-client 9.3.1): never regenerate them from our own output.
const golden = [
  [
    'resolve',
    encodeResolveBody(question),
    `00000001${header}00000033${handleHex}00000002000000030000012c000000020000000355524c00000005454d41494c00000000`,
  ],
  ['createHandle', encodeValues(handle, values), `00000064${header}0000004b${valuesHex}00000000`],
  ['addValue', encodeValues(handle, values), `00000066${header}0000004b${valuesHex}00000000`],
  ['modifyValue', encodeValues(handle, values), `00000068${header}0000004b${valuesHex}00000000`],
  [
    'removeValue',
    encodeIndexesBody(handle, [1, 2]),
    `00000067${header}0000001f${handleHex}00000002000000010000000200000000`,
  ],
  ['deleteHandle', sized(handle), `00000065${header}00000013${handleHex}00000000`],
  ['listHandles', sized(prefixRecord), `00000069${header}00000011${prefixHex}00000000`],
  ['homePrefix', sized(prefixRecord), `0000012c${header}00000011${prefixHex}00000000`],
] as const

test.each(golden)('a request to %s is the bytes that the reference client writes', (name, body, hex) => {
  const request = { opCode: operations[name], opFlags: 0x1900_0000, body, expirationSeconds: 0x6b05_5f9a }
  expect(encodeRequest(request, { requestId: 7 }).subarray(envelopeBytes).toString('hex')).toBe(hex)
})

test('HS_VLIST data is the bytes that the reference client writes', () => {
  const references = [
    { handle: prefixRecord, index: 200 },
    { handle: '88.118.8/ADMIN', index: 300 },
  ]
  expect(encodeVlistData(references).toString('hex')).toBe(
    '000000020000000d302e4e412f38382e3131382e38000000c80000000e38382e3131382e382f41444d494e0000012c',
  )
})

describe('what is written is what is read', () => {
  const text = anyText({ lengthMax: 40 })
  const index = fc.nat({ max: 0x7fff_ffff })
  const bytes = fc.uint8Array({ maxLength: 200 }).map((each) => Buffer.from(each))

  test('of resolutions, removals, listings and names', () => {
    fc.assert(
      fc.property(text, fc.array(index), fc.array(text), (name, indexes, types) => {
        const asked = { handle: name, indexes, types }
        expect(readResolveBody(encodeResolveBody(asked))).toEqual(asked)
        expect(readIndexesBody(encodeIndexesBody(name, indexes))).toEqual({ handle: name, indexes })
        expect(readHandles(encodeHandles(types))).toEqual(types)
        expect(readHandleBody(sized(name))).toBe(name)
      }),
    )
  })

  test('of values', () => {
    fc.assert(
      fc.property(text, fc.array(value, { maxLength: 5 }), (name, all) => {
        expect(readValuesBody(encodeValues(name, all.map(encodeValue)))).toEqual({
          handle: name,
          values: all,
        })
      }),
    )
  })

  test('of the smallest value there is', () => {
    const smallest = { ...textValue(1, '', ''), timestampSeconds: 0 }
    const { values: read } = readValuesBody(encodeValues('', [encodeValue(smallest)]))
    expect(read).toEqual([smallest])
  })

  test('of answers to challenges', () => {
    fc.assert(
      fc.property(text, text, index, bytes, (authenticationType, name, number, proof) => {
        const answer = { authenticationType, handle: name, index: number, proof }
        expect(readChallengeAnswerBody(encodeChallengeAnswerBody(answer))).toEqual(answer)
      }),
    )
  })

  test('of requests with all that goes before their bodies', () => {
    fc.assert(
      fc.property(
        fc.record({
          opCode: index,
          opFlags: fc.nat({ max: 0xffff_ffff }),
          body: bytes,
          expirationSeconds: fc.nat({ max: 0xffff_ffff }),
          recursionCount: fc.nat({ max: 255 }),
          sessionId: index,
        }),
        index,
        fc.integer({ min: 1, max: 11 }),
        ({ sessionId, ...request }, requestId, minor) => {
          const whole = encodeRequest({ ...request, sessionId }, { requestId, minor })
          const envelope = readEnvelope(whole)
          expect(envelope).toMatchObject({ major: 2, minor, requestId, sessionId })
          expect(readMessage(envelope, whole.subarray(envelopeBytes))).toMatchObject(request)
        },
      ),
    )
  })
})
