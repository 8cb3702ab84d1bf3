import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeResolveBody, readErrorBody } from '../../src/wire/codec/bodies.ts'
import { readEnvelope } from '../../src/wire/codec/message.ts'
import { envelopeBytes } from '../../src/wire/codec/protocol.ts'
import { requestBytes, resolution, sendBytes } from '../support/wire-messages.ts'
import { startWireNode, textValue, type WireNode } from '../support/wire-node.ts'

const handle = '88.1000/limited'
let node: WireNode
beforeAll(async () => {
  node = await startWireNode({
    wireInFlightMax: 2,
    wireMessageBytesMax: 1000,
  })
  await node.store(handle, [textValue(1, 'URL', 'http://limited')])
})
afterAll(() => node[Symbol.asyncDispose]())

test('a message beyond the bound ends its connection, after what came before it was answered', async () => {
  const long = resolution(handle, {
    body: encodeResolveBody({ handle, indexes: Array.from({ length: 300 }, (_, index) => index), types: [] }),
  })
  const short = requestBytes(resolution(handle))
  const messages = await sendBytes(node.port, Buffer.concat([short, requestBytes(long)]), 2)
  expect(messages.map(({ responseCode }) => responseCode)).toEqual([1])
})

test('a message of exactly the bound is answered', async () => {
  const empty = requestBytes(resolution(handle)).length - envelopeBytes
  const name = handle.padEnd(handle.length + 1000 - empty, 'x')
  const request = requestBytes(resolution(name))
  expect(readEnvelope(request).messageLength).toBe(1000)
  expect(await sendBytes(node.port, request)).toMatchObject([{ responseCode: 100 }])
})

test('a connection on which nothing comes or goes is closed', async () => {
  await using impatient = await startWireNode({ wireIdleTimeout: '100ms' })
  const socket = connect({ port: impatient.port, host: '127.0.0.1' })
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
  expect(socket.bytesRead).toBe(0)
})

test('connections beyond the bound are not taken', async () => {
  await using small = await startWireNode({ wireConnectionsMax: 3 })
  const sockets: Socket[] = []
  const isTaken = async (): Promise<boolean> => {
    const socket = connect({ port: small.port, host: '127.0.0.1' })
    sockets.push(socket)
    socket.on('error', () => undefined)
    socket.write(requestBytes(resolution(handle)))
    return new Promise((resolve) => {
      socket.once('data', () => resolve(true))
      socket.once('close', () => resolve(false))
    })
  }
  const taken: boolean[] = []
  for (let count = 0; count < 4; count++) taken.push(await isTaken())
  for (const socket of sockets) socket.destroy()
  expect(taken).toEqual([true, true, true, false])
})

test('however many requests come at once, a connection has only so many under way', async () => {
  const slow = node.node.resolver
  const resolve = slow.resolve.bind(slow)
  let underWay = 0
  let most = 0
  slow.resolve = async (...asked) => {
    most = Math.max(most, ++underWay)
    await new Promise((done) => setTimeout(done, 5))
    underWay--
    return resolve(...asked)
  }
  const asked = Array.from({ length: 9 }, (_, requestId) =>
    requestBytes(resolution('88.1000/absent'), { requestId }),
  )
  const messages = await sendBytes(node.port, Buffer.concat(asked), asked.length)
  slow.resolve = resolve
  expect(messages.map(({ envelope }) => envelope.requestId).toSorted()).toEqual(asked.map((_, id) => id))
  expect(most).toBe(2)
})

test('an answer that no message may hold is refused in words, and a shorter one is given', async () => {
  const long = '88.1000/long'
  await node.store(long, [textValue(1, 'A', 'a'.repeat(200_000)), textValue(2, 'B', 'b'.repeat(100_000))])
  for (let round = 0; round < 2; round++) {
    const [refused] = await sendBytes(node.port, requestBytes(resolution(long)))
    expect(refused?.responseCode).toBe(2)
    expect(readErrorBody(refused?.body ?? Buffer.alloc(0))).toContain('ask for fewer values')
  }
  const body = encodeResolveBody({ handle: long, indexes: [2], types: [] })
  expect(await sendBytes(node.port, requestBytes(resolution(long, { body })))).toMatchObject([
    { responseCode: 1 },
  ])
  const [overUdp] = await node.client('udp').send(resolution(long, { body }))
  expect(readErrorBody(overUdp.body)).toContain('ask over TCP')
})
