import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { pino } from 'pino'
import { parseConfig } from '../../../src/config.ts'
import { startHttpServer } from '../../../src/http/server.ts'
import { parseHandle } from '../../../src/identifier/handle.ts'
import { encodeRecord } from '../../../src/identifier/record-encoding.ts'
import { openNode } from '../../../src/node.ts'
import { encodeResolveBody } from '../../../src/wire/codec/bodies.ts'
import { operations, opFlag } from '../../../src/wire/codec/protocol.ts'
import { encodeRequest } from '../../../src/wire/codec/request.ts'
import { startWireServer } from '../../../src/wire/server.ts'
import { FakeClock } from '../fake-clock.ts'
import { textValue } from '../wire-node.ts'

/** What went over the wire for one resolve by each transport. */
export type Capture = Readonly<Record<'http' | 'tcp' | 'udp', Exchange>>
export type Exchange = { readonly request: Buffer; readonly answer: Buffer }

export const capturedHandle = '88.118/part-1'

/** Resolves one record over HTTP, TCP and UDP at a node of this process, its clock held, and keeps every byte. */
export async function captureResolves(): Promise<Capture> {
  const settings = { store: 'memory', prefix: '88.118', host: '127.0.0.1', port: 0, wirePort: 0 }
  const clock = new FakeClock()
  const node = await openNode(parseConfig(settings), clock)
  const value = { ...textValue(1, 'URL', 'https://example.org/p/1'), timestampSeconds: 1_700_000_000 }
  await node.store.commit([
    {
      key: parseHandle(capturedHandle).key,
      value: encodeRecord({ handle: capturedHandle, values: [value] }),
      precondition: { kind: 'none' },
    },
  ])
  const log = pino({ level: 'silent' })
  const http = await startHttpServer(node, log)
  const wire = await startWireServer(node, log)
  const httpPort = Number(new URL(http.urls[0] ?? '').port)
  const wirePort = Number(new URL(wire.urls[0] ?? '').port)
  try {
    return {
      http: await overTcp(
        httpPort,
        httpRequest,
        (answer) => answer.includes('\r\n\r\n') && answer.at(-1) === 0x7d,
      ),
      tcp: await overTcp(wirePort, resolution(1), (answer) => answer.length >= 20 && isWhole(answer)),
      udp: await overUdp(wirePort, resolution(2)),
    }
  } finally {
    await Promise.all([http.close(), wire.close()])
    await node.close()
  }
}

const httpRequest = Buffer.from(`GET /api/handles/${capturedHandle} HTTP/1.1\r\nHost: localhost:8000\r\n\r\n`)

function resolution(requestId: number): Buffer {
  return encodeRequest(
    {
      opCode: operations.resolve,
      opFlags: opFlag.recursive | opFlag.publicOnly,
      body: encodeResolveBody({ handle: capturedHandle, indexes: [], types: [] }),
      expirationSeconds: 1_700_003_600,
    },
    { requestId },
  )
}

function isWhole(answer: Buffer): boolean {
  return answer.length === 20 + answer.readInt32BE(16)
}

async function overTcp(
  port: number,
  request: Buffer,
  isDone: (answer: Buffer) => boolean,
): Promise<Exchange> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write(request)
  let answer = Buffer.alloc(0)
  while (!isDone(answer)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    answer = Buffer.concat([answer, chunk])
  }
  socket.destroy()
  return { request, answer }
}

async function overUdp(port: number, request: Buffer): Promise<Exchange> {
  const socket = createSocket('udp4')
  socket.send(request, port, '127.0.0.1')
  const [answer] = (await once(socket, 'message')) as [Buffer]
  socket.close()
  return { request, answer }
}
