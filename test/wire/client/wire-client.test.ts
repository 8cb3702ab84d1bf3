import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { encodeValue } from '../../../src/identifier/record-encoding.ts'
import { systemClock } from '../../../src/support/clock.ts'
import { sendAs } from '../../../src/wire/client/send-as.ts'
import { openWireClient, wireClients } from '../../../src/wire/client/wire-client.ts'
import { encodeResolveBody, encodeValues, readValuesBody } from '../../../src/wire/codec/bodies.ts'
import { operations, opFlag } from '../../../src/wire/codec/protocol.ts'
import type { Request } from '../../../src/wire/codec/request.ts'
import { startWireNode, textValue, type WireNode } from '../../support/wire-node.ts'

let node: WireNode
beforeAll(async () => {
  node = await startWireNode()
})
afterAll(() => node[Symbol.asyncDispose]())

const transports = Object.keys(wireClients) as (keyof typeof wireClients)[]

function resolution(handle: string): Request {
  return {
    opCode: operations.resolve,
    opFlags: opFlag.publicOnly,
    body: encodeResolveBody({ handle, indexes: [], types: [] }),
    expirationSeconds: 0,
  }
}

describe.each(transports)('a client over %s', (transport) => {
  test('asks many things at once and gets each its own answer', async () => {
    const client = node.client(transport)
    const numbers = Array.from({ length: 300 }, (_, position) => position)
    for (const number of numbers) {
      await node.store(`88.1000/${transport}-${number}`, [textValue(1, 'URL', `http://${number}`)])
    }
    const answers = await Promise.all(
      numbers.map((number) => client.send(resolution(`88.1000/${transport}-${number}`))),
    )
    const read = answers.map(([{ body }]) =>
      Buffer.from(readValuesBody(body).values[0]?.data ?? []).toString(),
    )
    expect(read).toEqual(numbers.map((number) => `http://${number}`))
    expect(client.statistics()).toMatchObject({ requests: 300, timeouts: 0 })
  })

  test('sends and receives what is longer than a packet', async () => {
    const client = node.client(transport)
    const long = textValue(1, 'NOTE', 'n'.repeat(20_000))
    const handle = `88.1000/long-${transport}`
    const request: Request = {
      opCode: operations.createHandle,
      opFlags: opFlag.authoritative,
      body: encodeValues(handle, [encodeValue(long)]),
      expirationSeconds: 0,
    }
    const [created] = await sendAs(client, request, node.administrator)
    expect(created.responseCode).toBe(1)
    const [answer] = await client.send(resolution(handle))
    expect(readValuesBody(answer.body).values[0]?.data).toHaveLength(20_000)
  })

  test('gives up on a server that does not answer, and says when nobody listens', async () => {
    await using silent = await openSilent()
    const client = openWireClient({ ...at(silent.port, transport), timeoutMs: 100 })
    await expect(client.send(resolution('88.1000/x'))).rejects.toMatchObject({
      name: 'WireClientError',
      code: transport === 'tcp' ? 'TIMEOUT' : 'UNREACHABLE',
    })
    client.close()
  })

  test('rejects what is under way when it is closed', async () => {
    await using silent = await openSilent()
    const client = openWireClient(at(silent.port, transport))
    const sent = client.send(resolution('88.1000/x'))
    client.close()
    await expect(sent).rejects.toMatchObject({ code: 'ABORTED' })
    await expect(client.send(resolution('88.1000/x'))).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

test('what was lost with a kept connection is asked once more on another', async () => {
  let asked = 0
  await using fickle = await openSilent((socket) => {
    socket.once('data', () => {
      asked++
      socket.destroy()
    })
  })
  const client = openWireClient(at(fickle.port, 'tcp'))
  await expect(client.send(resolution('88.1000/x'))).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(asked).toBe(2)
  expect(client.statistics().retries).toBe(1)
  client.close()
})

function at(port: number, transport: (typeof transports)[number]) {
  return {
    transport,
    host: '127.0.0.1',
    port,
    connectionsMax: 2,
    inFlightMax: 4,
    timeoutMs: 20_000,
    clock: systemClock,
  }
}

/** Takes TCP connections and says nothing; nobody listens on its port over UDP. */
async function openSilent(onConnection: (socket: Socket) => void = () => undefined) {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.resume()
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
