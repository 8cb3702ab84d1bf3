import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { directConnections } from '../../src/http/direct-connection.ts'
import {
  documentedConnections,
  type LaneConnection,
  type LaneConnections,
} from '../../src/http/lane-connection.ts'
import { RawConnection } from '../support/raw-connection.ts'

const ways: Readonly<Record<string, LaneConnections>> = {
  documented: documentedConnections,
  direct: directConnections() ?? documentedConnections,
}
let server: Server | undefined
let client: RawConnection | undefined
afterEach(async () => {
  client?.destroy()
  server?.closeAllConnections()
  await new Promise((resolve) => server?.close(resolve))
})

test('this Node has what the direct way needs, and its sockets are read and written by it', async () => {
  expect(directConnections()).toBeDefined()
  let socket: Socket | undefined
  await listen(ways.direct as LaneConnections, (connection, text, taken) => {
    socket = taken
    vi.spyOn(taken, 'write')
    return text.startsWith('lane') && connection.write(Buffer.from('by the lane'))
  })
  client?.send('lane')
  await client?.until(/by the lane/)
  expect(socket?.write).not.toHaveBeenCalled()
  // Nothing of it went through the stream.
  expect(socket?.readableDidRead).toBe(false)
})

for (const [name, connections] of Object.entries(ways)) {
  test(`the ${name} way leaves to the server what the lane does not take, before and after what it takes`, async () => {
    await listen(
      connections,
      (connection, text) => text.startsWith('lane') && connection.write(Buffer.from('by the lane')),
    )
    const body = 'x'.repeat(300_000)
    for (let round = 0; round < 3; round++) {
      client?.forget()
      client?.send(`PUT /${round} HTTP/1.1\r\nHost: node\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      await client?.until(new RegExp(`PUT /${round} ${body.length} ok`))
      client?.forget()
      client?.send('lane')
      await client?.until(/by the lane/)
    }
  })

  test(`the ${name} way tells when bytes are still being sent, and is ready again once they are`, async () => {
    let lane: LaneConnection | undefined
    const long = Buffer.alloc(32 * 2 ** 20, 'y')
    const told: boolean[] = []
    const url = await serve(connections, (connection) => {
      lane = connection
      told.push(connection.write(long), connection.isReady)
      return true
    })
    const slow = connect(Number(new URL(url).port), '127.0.0.1')
    slow.pause()
    slow.write('lane')
    await expect.poll(() => told, { timeout: 20_000 }).toEqual([false, false])
    let received = 0
    slow.on('data', (chunk) => {
      received += chunk.length
    })
    slow.resume()
    await expect.poll(() => received, { timeout: 20_000 }).toBe(long.length)
    await expect.poll(() => lane?.isReady, { timeout: 20_000 }).toBe(true)
    slow.destroy()
  })
}

type Take = (connection: LaneConnection, text: string, socket: Socket) => boolean

async function listen(connections: LaneConnections, take: Take): Promise<void> {
  client = await RawConnection.open(await serve(connections, take))
}

async function serve(connections: LaneConnections, take: Take): Promise<string> {
  const listening = createServer((request, response) => {
    let length = 0
    request.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    request.on('end', () => response.end(`${request.method} ${request.url} ${length} ok`))
  })
  server = listening
  listening.on('connection', (socket: Socket) =>
    connections(socket, (connection, bytes, length) =>
      take(connection, bytes.toString('latin1', 0, length), socket),
    ),
  )
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`
}
