import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

const mainFile = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

let place: NodePlace
let node: NodeProcess
beforeAll(async () => {
  place = await NodePlace.create()
  node = await place.start({ store: 'memory' })
})
afterAll(() => place[Symbol.asyncDispose]())

test('Ctrl-C ends an import that waits for standard input, and says what the node has taken', async () => {
  const { child, stderr } = start(['import', '-', '--batch', '2'])
  child.stdin?.write(['a', 'b', 'c'].map(lineOf).join(''))
  await untilResolves('b')
  child.kill('SIGINT')
  expect([await exitOf(child), stderr()]).toEqual([
    130,
    expect.stringMatching(/stopped: the node has answered for 2 records; run it again to go on\n$/),
  ])
  expect((await ask(`${node.url}/api/handles/${testPrefix}/b`)).status).toBe(200)
})

test('Ctrl-C ends an import that waits for a node that does not answer', async () => {
  await using silent = await silentServer()
  await writeFile(join(place.directory, 'in.ndjson'), lineOf('x'))
  const { child, stderr } = start(['import', join(place.directory, 'in.ndjson')], silent.url)
  await silent.asked
  child.kill('SIGINT')
  expect([await exitOf(child), stderr()]).toEqual([130, expect.stringContaining('answered for 0 records')])
})

test('Ctrl-C ends an export behind a whole record, in a file that can be read', async () => {
  const record = JSON.stringify({ handle: `${testPrefix}/设备 1`, values: [] })
  await using silent = await silentServer(`${record}\n{"handle":"${testPrefix}/hal`)
  const file = join(place.directory, 'out.ndjson.gz')
  const { child, stderr } = start(['export', file, '--prefix', testPrefix], silent.url)
  await silent.asked
  await expect.poll(stderr, { timeout: 20_000 }).toContain('1 records')
  child.kill('SIGINT')
  expect([await exitOf(child), stderr()]).toEqual([
    130,
    expect.stringMatching(
      /stopped: 1 records are written; --after "88\.1000\/设备 1" and another file go on/,
    ),
  ])
  expect(gunzipSync(await readFile(file)).toString('utf8')).toBe(`${record}\n`)
})

test('Ctrl-C ends an export that waits for the first record', async () => {
  await using silent = await silentServer()
  const file = join(place.directory, 'none.ndjson')
  const { child, stderr } = start(['export', file, '--prefix', testPrefix], silent.url)
  await silent.asked
  child.kill('SIGINT')
  expect([await exitOf(child), stderr()]).toEqual([130, expect.stringContaining('no record is written')])
})

test('an export whose node goes away says what is written and how to go on', async () => {
  const record = JSON.stringify({ handle: `${testPrefix}/one`, values: [] })
  await using silent = await silentServer(`${record}\n`)
  const file = join(place.directory, 'broken.ndjson')
  const { child, stderr } = start(['export', file, '--prefix', testPrefix], silent.url)
  await silent.asked
  await expect.poll(stderr, { timeout: 20_000 }).toContain('1 records')
  silent.server.closeAllConnections()
  expect([await exitOf(child), stderr()]).toEqual([
    75,
    expect.stringMatching(/erji: the node's answer broke off: .*--after "88\.1000\/one"/),
  ])
  expect(stderr()).not.toContain('    at ')
})

test('an export names a file that it cannot write', async () => {
  const file = join(place.directory, 'missing', 'out.ndjson')
  const { child, stderr } = start(['export', file, '--prefix', testPrefix])
  expect([await exitOf(child), stderr()]).toEqual([2, expect.stringContaining(`"${file}" cannot be written`)])
})

function start(command: readonly string[], target = node.url) {
  const identity = ['--user', `300:${testPrefix}/ADMIN`, '--admin-secret-file', place.secretFile]
  const child = spawn(process.execPath, [mainFile, ...command, '--target', target, ...identity])
  let text = ''
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  return { child, stderr: () => text }
}

async function exitOf(child: ChildProcess): Promise<unknown> {
  const [code] = await once(child, 'close')
  return code
}

function lineOf(name: string): string {
  const values = [{ index: 1, type: 'URL', data: 'https://example.org/' }]
  return `${JSON.stringify({ handle: `${testPrefix}/${name}`, values })}\n`
}

async function untilResolves(name: string): Promise<void> {
  const status = async () => (await ask(`${node.url}/api/handles/${testPrefix}/${name}?auth`)).status
  await expect.poll(status, { timeout: 20_000 }).toBe(200)
}

type Silent = AsyncDisposable & {
  readonly url: string
  readonly server: Server
  readonly asked: Promise<unknown>
}

/** A node that says so much and then nothing more; without words, not even that it has heard. */
async function silentServer(words?: string): Promise<Silent> {
  const server = createServer((request, response) => {
    request.resume()
    if (words !== undefined) response.writeHead(200).write(words)
  })
  const asked = once(server, 'request')
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
