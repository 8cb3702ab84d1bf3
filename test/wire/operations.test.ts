import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeValue } from '../../src/identifier/record-encoding.ts'
import { sendAs } from '../../src/wire/client/send-as.ts'
import type { WireClient } from '../../src/wire/client/wire-client.ts'
import {
  encodeIndexesBody,
  encodeResolveBody,
  encodeValues,
  readErrorBody,
  readHandles,
  readValuesBody,
  sized,
} from '../../src/wire/codec/bodies.ts'
import { splitDigest } from '../../src/wire/codec/digest.ts'
import type { Message } from '../../src/wire/codec/message.ts'
import { envelopeBytes, operations, opFlag } from '../../src/wire/codec/protocol.ts'
import { encodeRequest, type Request } from '../../src/wire/codec/request.ts'
import { isDigestOf } from '../support/wire-messages.ts'
import { startWireNode, textValue, type WireNode } from '../support/wire-node.ts'

let node: WireNode
beforeAll(async () => {
  node = await startWireNode()
})
afterAll(() => node[Symbol.asyncDispose]())

describe.each(['tcp', 'udp'] as const)('administration over %s', (transport) => {
  let client: WireClient
  beforeAll(() => {
    client = node.client(transport)
  })

  async function administer(opCode: number, body: Uint8Array, opFlags = 0): Promise<Message> {
    const request = { opCode, opFlags, body, expirationSeconds: 0 }
    const [answer] = await sendAs(client, request, node.administrator)
    return answer
  }

  test('a record is created, extended, changed, reduced, listed and deleted by who proves a secret', async () => {
    const handle = `88.1000/life-${transport}`
    const body = (index: number, text: string) =>
      encodeValues(handle, [encodeValue(textValue(index, 'URL', text))])
    const steps = [
      await administer(operations.createHandle, body(1, 'http://one')),
      await administer(operations.addValue, body(2, 'http://two')),
      await administer(operations.modifyValue, body(1, 'http://uno')),
      await administer(operations.removeValue, encodeIndexesBody(handle, [2])),
    ]
    expect(steps.map(({ responseCode }) => responseCode)).toEqual([1, 1, 1, 1])
    const [found] = await client.send(resolution(handle))
    expect(readValuesBody(found.body).values).toMatchObject([{ index: 1, data: Buffer.from('http://uno') }])
    const listed = await administer(operations.listHandles, sized('0.NA/88.1000'))
    expect(readHandles(listed.body)).toContain(handle)
    expect(await administer(operations.deleteHandle, sized(handle))).toMatchObject({ responseCode: 1 })
    expect(await client.send(resolution(handle))).toMatchObject([{ responseCode: 100 }])
  })

  test('a wrong secret is refused, and the words say so', async () => {
    const request = {
      opCode: operations.deleteHandle,
      opFlags: 0,
      body: sized('88.1000/ADMIN'),
      expirationSeconds: 0,
    }
    const guess = { ...node.administrator, secret: Buffer.from('guess') }
    const [refused] = await sendAs(client, request, guess)
    expect(refused.responseCode).toBe(403)
    expect(readErrorBody(refused.body)).toContain('proof does not hold')
  })

  test('an answer repeats the digest of its request for whoever asks', async () => {
    const handle = `88.1000/digest-${transport}`
    await node.store(handle, [textValue(1, 'URL', 'http://d')])
    const request = { ...resolution(handle), opFlags: opFlag.publicOnly | opFlag.requestDigest }
    const [answer] = await client.send(request)
    const { digest, content } = splitDigest(answer)
    // The client adds the flag for a kept connection to what it sends over TCP.
    const opFlags = request.opFlags | (transport === 'tcp' ? opFlag.keepAlive : 0)
    const sent = encodeRequest({ ...request, opFlags }, { requestId: 1 })
    expect(isDigestOf(digest, sent.subarray(envelopeBytes, -4))).toBe(true)
    expect(readValuesBody(content).values).toHaveLength(1)
  })
})

function resolution(handle: string): Request {
  return {
    opCode: operations.resolve,
    opFlags: opFlag.publicOnly,
    body: encodeResolveBody({ handle, indexes: [], types: [] }),
    expirationSeconds: 0,
  }
}
