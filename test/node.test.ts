import { createSocket, type Socket } from 'node:dgram'
import { mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type NodeConfig, parseConfig } from '../src/config.ts'
import { openNode } from '../src/node.ts'
import { startListening } from '../src/workers/listening.ts'
import { FakeClock } from './support/fake-clock.ts'
import { freePort } from './support/free-port.ts'

const host = '127.0.0.1'
const log = pino({ level: 'silent' })
let directory: string
let traceFile: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'erji-node-'))
  traceFile = join(directory, 'trace.csv')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

/** With all that a node may hold open; memory needs no other nodes told, which is refused where it comes from outside. */
function config(settings: Readonly<Record<string, unknown>>, invalidationPort: number): NodeConfig {
  const common = { store: 'memory', prefix: '88.1000', host, port: 0, accessTrace: traceFile }
  return { ...parseConfig({ ...common, ...settings }), invalidationPort }
}

test('a node that is closed leaves no socket and no file open', async () => {
  const port = await freeUdpPort()
  const node = await openNode(config({}, port), new FakeClock())
  expect(isOpen(traceFile)).toBe(true)
  await expect(bindUdp(port)).rejects.toThrow('EADDRINUSE')
  await node.close()
  await expectNothingLeft({ udp: port })
})

test('a node that cannot be opened leaves no file open', async () => {
  const taken = await bindUdp(0)
  const opening = openNode(config({}, taken.address().port), new FakeClock())
  await expect(opening).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
  expect(isOpen(traceFile)).toBe(false)
  taken.close()
})

test('a node whose HTTP port is taken is closed whole', async () => {
  const taken = await bindTcp(0)
  const udp = await freeUdpPort()
  const node = await openNode(config({ port: portOf(taken) }, udp), new FakeClock())
  await expect(startListening(node, log)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
  await expectNothingLeft({ udp })
  taken.close()
})

test('a node whose native port is taken does not listen over HTTP either, and is closed whole', async () => {
  const taken = await bindTcp(0)
  const [udp, port] = [await freeUdpPort(), await freePort(host)]
  const node = await openNode(config({ port, wirePort: portOf(taken) }, udp), new FakeClock())
  await expect(startListening(node, log)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
  await expectNothingLeft({ udp })
  const again = await bindTcp(port)
  again.close()
  taken.close()
})

async function expectNothingLeft({ udp }: { readonly udp: number }): Promise<void> {
  expect(isOpen(traceFile)).toBe(false)
  const again = await bindUdp(udp)
  again.close()
}

/** Whether this process holds the file open. */
function isOpen(file: string): boolean {
  return readdirSync('/proc/self/fd').some((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === file
    } catch {
      // The one that the directory was read by is gone.
      return false
    }
  })
}

async function freeUdpPort(): Promise<number> {
  const socket = await bindUdp(0)
  const { port } = socket.address()
  await new Promise<void>((resolve) => socket.close(resolve))
  return port
}

function bindUdp(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, () => resolve(socket))
  })
}

function bindTcp(port: number): Promise<Server> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
