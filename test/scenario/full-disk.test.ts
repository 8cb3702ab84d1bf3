import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createPrng } from '../../src/support/prng.ts'
import { type Answer, ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { onSmallDisk } from '../support/small-disk.ts'

let place: NodePlace
beforeEach(async () => {
  place = await NodePlace.create()
})
afterEach(() => place[Symbol.asyncDispose]())

test('a node whose disk fills up refuses writes with 503 and goes on resolving', async () => {
  const directory = join(place.directory, 'disk')
  await mkdir(directory)
  const node = await place.start({ data: directory }, { under: onSmallDisk({ directory, mebibytes: 24 }) })
  const written = await fill(node)
  expect(written.length).toBeGreaterThan(3)
  await expectRefusal(node)
  for (const name of written) {
    expect((await ask(`${node.url}/api/handles/${testPrefix}/${name}`)).status).toBe(200)
  }
  const bulk = await ask(`${node.url}/api/registrations`, {
    method: 'POST',
    authorization: await place.authorization(),
    headers: { 'content-type': 'application/x-ndjson' },
    body: `${JSON.stringify({ handle: `${testPrefix}/bulk`, values: [] })}\n`,
  })
  expect(bulk.json()).toMatchObject({ handle: `${testPrefix}/bulk`, responseCode: 3, status: 'failed' })
})

test('a node keeps a reserve of disk space: below it writes are refused before one can be cut in half', async () => {
  await (await place.start()).stop()
  const node = await place.start({ 'store-reserve-bytes': '1000TiB' })
  const refusal = await expectRefusal(node)
  expect(refusal.json().message).toMatch(/has \d+ bytes free, fewer than the \d+ kept in reserve/)
  expect((await ask(`${node.url}/api/handles/${testPrefix}/ADMIN`)).status).toBe(200)
})

test('a first start without room says so and leaves', async () => {
  const { code, stderr } = await place.serveToEnd({ 'store-reserve-bytes': '1000TiB' })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^erji: the file system of the data directory has \d+ bytes free/)
})

async function expectRefusal(node: NodeProcess): Promise<Answer> {
  const refusal = await put(node, 'refused', 'x')
  expect(refusal.status).toBe(503)
  expect(refusal.headers.get('retry-after')).toMatch(/^\d+$/)
  expect(refusal.json()).toMatchObject({ responseCode: 3, handle: `${testPrefix}/refused` })
  const ready = await ask(`${node.url}/health/ready`)
  expect([ready.status, ready.json().status]).toEqual([503, 'unready'])
  expect((await ask(`${node.url}/health/live`)).status).toBe(200)
  return refusal
}

/** Registers records of incompressible text until one is refused; returns those that were not. */
async function fill(node: NodeProcess): Promise<string[]> {
  const written: string[] = []
  for (;;) {
    const name = `filler-${written.length}`
    const { status } = await put(node, name, noise(written.length))
    if (status !== 201) return written
    written.push(name)
  }
}

async function put(node: NodeProcess, name: string, data: string): Promise<Answer> {
  return ask(`${node.url}/api/handles/${testPrefix}/${name}`, {
    method: 'PUT',
    authorization: await place.authorization(),
    body: [{ index: 1, type: 'NOISE', data }],
  })
}

/** Half a mebibyte that compression makes no smaller than two thirds. */
function noise(seed: number): string {
  const prng = createPrng(seed)
  const bytes = Buffer.alloc(384 * 1024)
  for (let offset = 0; offset < bytes.length; offset += 4) bytes.writeUInt32LE(prng.nextUint32(), offset)
  return bytes.toString('base64')
}
