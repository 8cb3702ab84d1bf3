import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

let place: NodePlace
beforeEach(async () => {
  place = await NodePlace.create()
})
afterEach(() => place[Symbol.asyncDispose]())

const mebibyte = 2 ** 20
// The answer repeats each handle: the longer it is, the more the node would have to keep for who does not read.
const itemBytes = 2000
const itemsInBlock = 500

test('who sends items and reads no answers is slowed down, fills no memory and holds nobody up', async () => {
  const node = await place.start({
    'bulk-bytes-max': '1GiB',
    'bulk-items-max': '10000000',
    'request-timeout': '10m',
  })
  await warmUp(node)
  const socket = await bulkConnection(node)
  socket.pause()
  const beforeBytes = await residentBytes(node)
  const sentBytes = await sendUntilStuck(socket)
  const grownBytes = (await residentBytes(node)) - beforeBytes
  // Both directions' socket buffers, a few groups between them and what the engine gathers: not what was offered.
  expect(sentBytes).toBeLessThan(offeredBytesMax / 4)
  expect(grownBytes).toBeLessThan(128 * mebibyte)
  for (let probe = 0; probe < 20; probe++) {
    const answer = await ask(`${node.url}/api/handles/${testPrefix}/beside`, {
      method: 'PUT',
      authorization: await place.authorization(),
      body: [{ index: 1, type: 'T', data: `${probe}` }],
    })
    expect([200, 201]).toContain(answer.status)
    expect((await ask(`${node.url}/api/handles/${testPrefix}/beside`)).text).toContain(`"${probe}"`)
  }
  socket.destroy()
  expect((await node.stop()).code).toBe(0)
})

test('who disconnects in the middle keeps every item that was acknowledged, also over a restart', async () => {
  const node = await place.start({ 'bulk-bytes-max': '1GiB', 'bulk-items-max': '10000000' })
  const socket = await bulkConnection(node)
  let text = ''
  socket.setEncoding('latin1').on('data', (part: string) => {
    text += part
  })
  for (let block = 0; block < 20; block++) socket.write(blockOf(block, 'cut'))
  while (count(text) < 2 * itemsInBlock) await once(socket, 'data')
  socket.destroy()
  await once(socket, 'close')
  const acknowledged = acknowledgedIn(text)
  expect(acknowledged.length).toBeGreaterThanOrEqual(2 * itemsInBlock)
  expect((await ask(`${node.url}/health/ready`)).status).toBe(200)
  await expectAll(node, acknowledged)
  await node.kill()
  await expectAll(await place.start(), acknowledged)
})

const offeredBytesMax = 256 * mebibyte

/** Writes as fast as the other side takes it; returns what it had taken when it took no more for a while. */
async function sendUntilStuck(socket: Socket): Promise<number> {
  let sentBytes = 0
  for (let block = 0; sentBytes < offeredBytesMax; block++) {
    const bytes = blockOf(block, 'unread')
    const isTaken = socket.write(bytes) || (await drainedWithin(socket, stuckAfterMs))
    if (!isTaken) return sentBytes
    sentBytes += bytes.length
  }
  return sentBytes
}

const stuckAfterMs = 4000

async function drainedWithin(socket: Socket, ms: number): Promise<boolean> {
  const waiting = new AbortController()
  const drained = once(socket, 'drain', { signal: waiting.signal }).then(() => true)
  const late = sleep(ms, false)
  const isDrained = await Promise.race([drained, late])
  drained.catch(() => undefined)
  waiting.abort()
  return isDrained
}

/** Enough registrations that heaps and buffers have their size before it is measured. */
async function warmUp(node: NodeProcess): Promise<void> {
  for (let block = 0; block < 10; block++) {
    const lines = blockLines(block, 'warm')
    const answer = await ask(`${node.url}/api/registrations`, {
      method: 'POST',
      authorization: await place.authorization(),
      headers: { 'content-type': 'application/x-ndjson' },
      body: lines,
    })
    expect(acknowledgedIn(answer.text)).toHaveLength(itemsInBlock)
  }
}

async function bulkConnection(node: NodeProcess): Promise<Socket> {
  const { hostname, port } = new URL(node.url)
  const socket = connect({ host: hostname, port: Number(port) })
  await once(socket, 'connect')
  // A reset is how the other side may end it; what had arrived by then is what counts.
  socket.on('error', () => socket.destroy())
  const lines = [
    'POST /api/registrations HTTP/1.1',
    'Host: node',
    `Authorization: ${await place.authorization()}`,
    'Content-Type: application/x-ndjson',
    'Transfer-Encoding: chunked',
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  return socket
}

function blockOf(block: number, name: string): Buffer {
  const lines = Buffer.from(blockLines(block, name))
  return Buffer.concat([Buffer.from(`${lines.length.toString(16)}\r\n`), lines, Buffer.from('\r\n')])
}

function blockLines(block: number, name: string): string {
  return Array.from({ length: itemsInBlock }, (_none, item) => {
    const handle = `${testPrefix}/${name}-${block}-${item}-`.padEnd(itemBytes, 'x')
    return `${JSON.stringify({ handle, values: [] })}\n`
  }).join('')
}

const acknowledgement = /"handle":"([^"]+)","responseCode":1,/g

function acknowledgedIn(text: string): string[] {
  return [...text.matchAll(acknowledgement)].map(([, handle = '']) => handle)
}

function count(text: string): number {
  return text.split('"responseCode":1,').length - 1
}

async function expectAll(node: NodeProcess, handles: readonly string[]): Promise<void> {
  for (let start = 0; start < handles.length; start += askedAtOnce) {
    const some = handles.slice(start, start + askedAtOnce)
    const answers = await Promise.all(some.map((handle) => ask(`${node.url}/api/handles/${handle}`)))
    expect(answers.map(({ status }) => status)).toEqual(some.map(() => 200))
  }
}

const askedAtOnce = 50

async function residentBytes({ pid }: NodeProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024
}
