import { expect, test } from 'vitest'
import { encodeResolveBody } from '../../../src/wire/codec/bodies.ts'
import { encodeRequest } from '../../../src/wire/codec/request.ts'

test('a resolution is the bytes that the reference client sends', () => {
  const body = encodeResolveBody({ handle: '88.118.8/SN0001', indexes: [], types: [] })
  const request = { opCode: 1, opFlags: 0x1900_0000, body, expirationSeconds: 0x6b05_5f9a }
  // Made with handle-client 9.3.1.
  expect(encodeRequest(request, { requestId: 0x0102_0304 }).toString('hex')).toBe(
    '0203020b00000000010203040000000000000037' +
      '000000010000000019000000ffff00006b055f9a0000001b0000000f38382e3131382e382f534e30303031000000000000000000000000',
  )
})
