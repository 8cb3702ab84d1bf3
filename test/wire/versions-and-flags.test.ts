import { afterAll, beforeAll, expect, test } from 'vitest'
import { nowSeconds } from '../../src/support/clock.ts'
import { readErrorBody, readValuesBody } from '../../src/wire/codec/bodies.ts'
import { splitDigest } from '../../src/wire/codec/digest.ts'
import type { Message } from '../../src/wire/codec/message.ts'
import { envelopeBytes, opFlag } from '../../src/wire/codec/protocol.ts'
import type { Request } from '../../src/wire/codec/request.ts'
import { isDigestOf, requestBytes, resolution, sendBytes } from '../support/wire-messages.ts'
import { startWireNode, textValue, type WireNode } from '../support/wire-node.ts'

const handle = '88.1000/versions'
let node: WireNode
beforeAll(async () => {
  node = await startWireNode()
  await node.store(handle, [textValue(1, 'URL', 'http://versions')])
})
afterAll(() => node[Symbol.asyncDispose]())

async function ask(request: Request, facts: Parameters<typeof requestBytes>[1] = {}): Promise<Message> {
  const [answer] = await sendBytes(node.port, requestBytes(request, facts))
  if (answer === undefined) throw new Error('the connection ended without an answer')
  return answer
}

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])('version 2.%i is answered in itself', async (minor) => {
  // Twice: the first answer comes from the store, the second from the cache.
  for (let round = 0; round < 2; round++) {
    const { envelope, responseCode } = await ask(resolution(handle), { minor })
    expect(envelope).toMatchObject({ major: 2, minor })
    expect(responseCode).toBe(1)
  }
})

test('a newer minor is answered in the newest version spoken here', async () => {
  const { envelope, responseCode } = await ask(resolution(handle), { minor: 40 })
  expect({ envelope, responseCode }).toMatchObject({ envelope: { major: 2, minor: 11 }, responseCode: 1 })
})

test('another major is refused in words, in a version of ours', async () => {
  const answer = await ask(resolution(handle), {
    change: (bytes) => {
      bytes[0] = 3
    },
  })
  expect(answer).toMatchObject({ envelope: { major: 2, minor: 11 }, responseCode: 4 })
  expect(readErrorBody(answer.body)).toContain('version 3.3')
})

test('a request digest is SHA-1 for clients before 2.7 and SHA-256 since', async () => {
  const request = resolution(handle, { opFlags: opFlag.publicOnly | opFlag.requestDigest })
  for (const [minor, type] of [
    [1, 2],
    [3, 2],
    [6, 2],
    [7, 3],
    [11, 3],
  ] as const) {
    const answer = await ask(request, { minor })
    const { digest, content } = splitDigest(answer)
    expect(digest[0]).toBe(type)
    expect(isDigestOf(digest, requestBytes(request, { minor }).subarray(envelopeBytes, -4))).toBe(true)
    expect(readValuesBody(content).handle).toBe(handle)
  }
})

test('a request whose time has run out is refused, one that has a second left is answered', async () => {
  const now = nowSeconds(node.clock)
  const expired = await ask(resolution(handle, { expirationSeconds: now - 1 }))
  expect(expired.responseCode).toBe(4)
  expect(readErrorBody(expired.body)).toContain('expired')
  expect(await ask(resolution(handle, { expirationSeconds: now + 1 }))).toMatchObject({ responseCode: 1 })
})

test('what needs a key of the server is refused in words, never answered without it', async () => {
  for (const [flag, word] of [
    [opFlag.certified, 'certified'],
    [opFlag.encrypted, 'encrypted'],
  ] as const) {
    const answer = await ask(resolution(handle, { opFlags: opFlag.publicOnly | flag }))
    expect(answer.responseCode).toBe(5)
    expect(readErrorBody(answer.body)).toContain(word)
    // Nothing to look for a signature in.
    expect(answer.opFlags & flag).toBe(0)
  }
})

test.each([400, 401, 402])('session operation %i is refused in words', async (opCode) => {
  const answer = await ask(resolution(handle, { opCode }))
  expect(answer.responseCode).toBe(5)
  expect(readErrorBody(answer.body)).toContain('sessions')
})

test('an answer repeats request id, recursion count and flags, cached or not', async () => {
  const fresh = '88.1000/repeated'
  await node.store(fresh, [textValue(1, 'URL', 'http://r')])
  const opFlags = opFlag.publicOnly | opFlag.recursive | opFlag.keepAlive
  const answers: Message[] = []
  for (let round = 0; round < 2; round++) {
    answers.push(await ask(resolution(fresh, { opFlags, recursionCount: 3 }), { requestId: 0x7abc_0001 }))
  }
  for (const answer of answers) {
    expect(answer).toMatchObject({ opFlags, recursionCount: 3, envelope: { requestId: 0x7abc_0001 } })
  }
  expect(answers[1]?.body).toEqual(answers[0]?.body)
})
