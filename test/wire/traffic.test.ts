import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type HttpServer, startHttpServer } from '../../src/http/server.ts'
import { ask } from '../support/ask.ts'
import { startMemoryNode } from '../support/memory-node.ts'
import { requestBytes, resolution, sendBytes } from '../support/wire-messages.ts'
import { startWireNode, textValue, type WireNode } from '../support/wire-node.ts'

const handle = '88.1000/counted'
let node: WireNode
let http: HttpServer

beforeAll(async () => {
  node = await startWireNode({ port: 0, wireConnectionsMax: 8 })
  http = await startHttpServer(node.node, pino({ level: 'silent' }))
  await node.store(handle, [textValue(1, 'URL', 'http://counted')])
})
afterAll(async () => {
  await http.close()
  await node[Symbol.asyncDispose]()
})

async function sample(name: string, labels = ''): Promise<number | undefined> {
  const { text } = await ask(`${http.urls[0]}/metrics`)
  const line = text.split('\n').find((each) => each.startsWith(`${name}${labels} `))
  return line === undefined ? undefined : Number(line.slice(line.lastIndexOf(' ')))
}

const requests = (transport: string, operation: string, code: number) =>
  sample(
    'erji_native_request_seconds_count',
    `{transport="${transport}",operation="${operation}",code="${code}"}`,
  )

test.each(['tcp', 'udp'] as const)(
  'every request over %s is counted by operation and response code, cached ones too',
  async (transport) => {
    const client = node.client(transport)
    const before = (await requests(transport, 'resolve', 1)) ?? 0
    for (let count = 0; count < 5; count++) await client.send(resolution(handle))
    expect((await requests(transport, 'resolve', 1)) ?? 0).toBe(before + 5)
    await client.send(resolution('88.1000/absent'))
    await client.send(resolution('99.1/x'))
    await client.send({ ...resolution(handle), opCode: 777 })
    await client.send({ ...resolution(handle), opCode: 778 })
    expect(await requests(transport, 'resolve', 100)).toBe(1)
    expect(await requests(transport, 'resolve', 301)).toBe(1)
    expect(await requests(transport, 'other', 5)).toBe(2)
    const all = '{le="+Inf",transport="tcp",operation="resolve",code="1"}'
    expect(await sample('erji_native_request_seconds_bucket', all)).toBeGreaterThanOrEqual(5)
  },
)

test('pipelined requests count one by one', async () => {
  await sendBytes(node.port, requestBytes(resolution(handle)))
  const before = (await requests('tcp', 'resolve', 1)) ?? 0
  const many = Array.from({ length: 50 }, (_, requestId) => requestBytes(resolution(handle), { requestId }))
  await sendBytes(node.port, Buffer.concat(many), many.length)
  expect(await requests('tcp', 'resolve', 1)).toBe(before + 50)
})

test('connections that are open, connections too many and what is no message are told', async () => {
  const refused = (transport: string, reason: string) =>
    sample('erji_native_refused_total', `{transport="${transport}",reason="${reason}"}`)
  await using small = await startWireNode({ port: 0, wireConnectionsMax: 1 })
  const first = connect({ port: small.port, host: '127.0.0.1' })
  await once(first, 'connect')
  const second = connect({ port: small.port, host: '127.0.0.1' })
  second.on('error', () => undefined)
  await once(second, 'close')
  const { tcp } = small.node.nativeTraffic
  expect([tcp.connectionsOpen, tcp.refused.connections]).toEqual([1, 1])
  first.destroy()
  await vi.waitFor(() => expect(tcp.connectionsOpen).toBe(0), { timeout: 10_000 })

  const wrong = connect({ port: node.port, host: '127.0.0.1' })
  wrong.resume()
  wrong.write(Buffer.alloc(64))
  await once(wrong, 'close')
  expect(await refused('tcp', 'malformed')).toBe(1)
  const socket = createSocket('udp4')
  socket.send(Buffer.alloc(64), node.port, '127.0.0.1')
  await vi.waitFor(async () => expect(await refused('udp', 'malformed')).toBe(1), { timeout: 10_000 })
  socket.close()
  expect(await sample('erji_native_connections')).toBeGreaterThanOrEqual(0)
})

test('a node that does not speak the native protocol has no figures of it', async () => {
  await using plain = await startMemoryNode()
  expect((await plain.ask('/metrics')).text).not.toContain('erji_native_')
})
