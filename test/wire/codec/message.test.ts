import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EncodingError } from '../../../src/identifier/buffer-reader.ts'
import { readResolveBody, sized } from '../../../src/wire/codec/bodies.ts'
import { encodeAnswer, readEnvelope, readMessage } from '../../../src/wire/codec/message.ts'
import { packetsOf } from '../../../src/wire/codec/packets.ts'
import { envelopeBytes, packetBytesMax } from '../../../src/wire/codec/protocol.ts'
import { Reassembly } from '../../../src/wire/codec/reassembly.ts'

// Made with an independent client of the Handle protocol (handle-client 9.3.1): never regenerate them from our own output.
const envelopeHex = '0203020b00000000010203040000000000000037'
const resolveHex =
  '000000010000000019000000ffff00006b055f9a0000001b0000000f38382e3131382e382f534e30303031000000000000000000000000'
const errorHex = '000000010000006419000000ffff00006b055f9a000000040000000000000000'

const envelope = readEnvelope(Buffer.from(envelopeHex, 'hex'))
const request = readMessage(envelope, Buffer.from(resolveHex, 'hex'))

test('a resolution request of another implementation is read', () => {
  expect(envelope).toMatchObject({ major: 2, minor: 3, requestId: 0x01020304, messageLength: 0x37 })
  expect(request).toMatchObject({ opCode: 1, opFlags: 0x19000000, siteSerial: -1 })
  expect(readResolveBody(request.body)).toEqual({ handle: '88.118.8/SN0001', indexes: [], types: [] })
})

test('an error answer is the bytes that other implementations write', () => {
  const answer = encodeAnswer(request, { responseCode: 100, body: sized('') }, 0x6b055f9a)
  expect(answer.subarray(envelopeBytes).toString('hex')).toBe(errorHex)
  expect(readEnvelope(answer)).toMatchObject({ requestId: 0x01020304, major: 2, minor: 3 })
})

test('a message of any length goes into packets and comes out of them in any order', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4000 }), fc.boolean(), (body, reversed) => {
      const message = encodeAnswer(request, { responseCode: 1, body }, 1)
      const packets = packetsOf(message)
      expect(packets.every(({ length }) => length <= packetBytesMax)).toBe(true)
      const reassembly = new Reassembly()
      const wholes = (reversed ? packets.toReversed() : packets).map((packet) => reassembly.add(packet, 'a'))
      expect(wholes.filter((whole) => whole !== undefined)).toEqual([message])
    }),
  )
})

test('what is cut off anywhere or longer than it says is refused, never read beyond', () => {
  const content = Buffer.from(resolveHex, 'hex')
  for (let length = 0; length < content.length; length++) {
    const attempt = () => readResolveBody(readMessage(envelope, content.subarray(0, length)).body)
    // Without its empty credential a message is whole.
    if (length === content.length - 4) expect(attempt).not.toThrow()
    else expect(attempt).toThrow(EncodingError)
  }
})
