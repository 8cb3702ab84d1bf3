import { EventEmitter } from 'node:events'
import type { Server } from 'node:http'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { HotLane } from '../../src/http/hot-lane.ts'
import { judgeHead, RequestReader } from '../../src/http/hot-lane-request.ts'
import type { FirstReader } from '../../src/http/lane-connection.ts'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { openNode } from '../../src/node.ts'
import { Resolver } from '../../src/resolver.ts'
import { LatencySeries } from '../../src/support/latency-series.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { RawConnection } from '../support/raw-connection.ts'
import { textValue } from '../support/wire-node.ts'

const path = '/api/handles/88.1000/device'
const request = `GET ${path} HTTP/1.1\r\nHost: node\r\n\r\n`
/** The head of a PUT whose body is so long. */
const putOf = (bodyBytes: number): string =>
  `PUT ${path} HTTP/1.1\r\nHost: node\r\nContent-Length: ${bodyBytes}\r\n\r\n`

describe('the lane takes a request', () => {
  const reader = () => new RequestReader({ headerBytesMax: 16_384 })
  const read = (text: string) => reader().read(Buffer.from(text, 'latin1'))

  test('that is one plain GET of a handle, and names the handle as the target does', () => {
    const one = reader()
    expect(one.read(Buffer.from(request))).toBe('askable')
    expect(one.handleInTarget).toBe('88.1000/device')
    expect(one.read(Buffer.from(request.replace('device', '%E8%AE%BE')))).toBe('askable')
    expect(one.handleInTarget).toBe('88.1000/%E8%AE%BE')
  })

  test.each([
    ['HEAD', request.replace('GET', 'HEAD')],
    ['another route', request.replace(path, '/health/live')],
    ['a query', request.replace(path, `${path}?index=1`)],
    ['a header that it does not know', request.replace('\r\n\r\n', '\r\nX-Unknown: 1\r\n\r\n')],
    ['a condition', request.replace('\r\n\r\n', '\r\nIf-None-Match: *\r\n\r\n')],
    ['a DELETE', request.replace('GET', 'DELETE')],
    ['a PUT', `${putOf(2)}[]`],
    ['a PUT with a body that is longer than its own bound', putOf(4000) + 'x'.repeat(4000)],
    ['a POST of nothing', putOf(0).replace('PUT', 'POST')],
  ])('knows where %s ends and leaves it to the server', (_what, text) => {
    expect(read(text)).toBe('whole')
  })

  test.each([
    ['two requests', request + request],
    ['half a request', request.slice(0, -1)],
    ['a body', request.replace('\r\n\r\n', '\r\nContent-Length: 0\r\n\r\n')],
    ['no Host', request.replace('Host: node\r\n', 'Accept: */*\r\n')],
    ['a request that is too long for it', request.replace('device', 'x'.repeat(2048))],
    ['a PUT with something behind it', `${putOf(2)}[]G`],
    ['a PUT of two lengths', putOf(2).replace('\r\n\r\n', '\r\nContent-Length: 2\r\n\r\n[]')],
    ['a length with a sign', `${putOf(2).replace(': 2', ': +2')}[]`],
    ['a length with a leading zero', `${putOf(2).replace(': 2', ': 02')}[]`],
    ['a PUT in chunks', putOf(2).replace('Content-Length: 2', 'Transfer-Encoding: chunked')],
    [
      'a PUT that waits to be asked for its body',
      putOf(2).replace('\r\n\r\n', '\r\nExpect: 100-continue\r\n\r\n'),
    ],
    ['PATCH', putOf(2).replace('PUT', 'PATCH')],
  ])('gives the connection up for %s', (_what, text) => {
    expect(read(text)).toBe('foreign')
  })

  test('behind a body that came in pieces, not with its end in one piece', () => {
    const one = reader()
    for (const piece of [putOf(6), 'GET /', 'x'])
      expect(one.read(Buffer.from(piece, 'latin1')), piece).toBe('whole')
    expect(one.read(Buffer.from(request))).toBe('askable')
    expect(one.read(Buffer.from(putOf(6)))).toBe('whole')
    expect(one.read(Buffer.from(`GET / ${request}`))).toBe('foreign')
  })

  test('only with a header that is as small as the server takes', () => {
    expect(new RequestReader({ headerBytesMax: 32 }).read(Buffer.from(request))).toBe('foreign')
  })

  test('whatever the order and case of its headers', () => {
    expect(judgeHead(' HTTP/1.1\r\nACCEPT: a\r\nhost: h\r\nConnection: Keep-Alive\r\n\r\n')).toBe('askable')
  })
})

test('the lane changes nothing of an answer that is still being sent', async () => {
  const node = await openNode(parseConfig({ store: 'memory', prefix: '88.1000' }), new FakeClock())
  const handles = ['88.1000/one', '88.1000/another']
  for (const handle of handles) {
    const value = encodeRecord({ handle, values: [textValue(1, 'URL', handle)] })
    await node.store.commit([{ key: parseHandle(handle).key, value, precondition: { kind: 'none' } }])
  }
  const series = () => new LatencySeries({ name: 'seconds', bucketSecondsMax: [] }, {})
  const server = new EventEmitter()
  let read: FirstReader | undefined
  const lane = new HotLane({
    node,
    admission: { isOpen: () => true },
    latency: { found: series(), absent: series() },
    connections: (_socket, reader) => {
      read = reader
    },
  })
  lane.attach(server as Server)
  server.emit('connection', {})
  const written: Buffer[] = []
  const connection = {
    isReady: true,
    write: (bytes: Buffer) => {
      written.push(bytes)
      return false
    },
  }
  const ask = (handle: string) => {
    const bytes = Buffer.from(request.replace('88.1000/device', handle))
    return read?.(connection, bytes, bytes.length)
  }
  // The first of a connection is the server's; then each from the store, and each from the cache.
  expect([...handles, ...handles, ...handles].map(ask)).toEqual([false, true, true, true, true, true])
  const told = written.map((bytes) => /"handle":"([^"]*)"/.exec(bytes.toString())?.[1])
  expect(told).toEqual(['88.1000/another', ...handles, ...handles])
  await node.close()
})

describe('a node whose lane answers', () => {
  let node: MemoryNode
  let client: RawConnection
  beforeEach(async () => {
    node = await startMemoryNode({ requestsInFlightMax: 3 })
    await put('https://example.org/1')
    client = await RawConnection.open(node.url)
    await answer(request)
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    client.destroy()
    await node[Symbol.asyncDispose]()
  })

  test('shows a change at once', async () => {
    expect(await answer(request)).toContain('https://example.org/1')
    await put('https://example.org/2')
    expect(await answer(request)).toContain('https://example.org/2')
    expect(await answer(request)).toContain('https://example.org/2')
  })

  test('reads no store and resolves nothing for it', async () => {
    const resolve = vi.spyOn(Resolver.prototype, 'resolve')
    await answer(request)
    await answer(request)
    expect(resolve).not.toHaveBeenCalled()
  })

  test('counts its requests and its hits where the others are counted, once each', async () => {
    const before = await counted()
    for (let count = 0; count < 5; count++) await answer(request)
    await answer(request.replace('device', 'DEVICE'))
    const after = await counted()
    expect([after.requests - before.requests, after.hits - before.hits]).toEqual([6, 6])
  })

  test.each(['absent', 'abwesend-%E8%AE%BE', 'DEVICE'])(
    'says of %s what the server says, though it is not ready in the cache',
    async (suffix) => {
      const other = request.replace('device', suffix)
      const fresh = await RawConnection.open(node.url)
      const told = async (): Promise<string> => {
        fresh.forget()
        fresh.send(other)
        return (await fresh.until(/\r\n\r\n.*\}$/)).replace(/Date: [^\r]*/, '')
      }
      // The first request of a connection is the server's, the second the lane's.
      const byServer = await told()
      const read = vi.spyOn(Resolver.prototype, 'readsAtOnce', 'get')
      expect(await told()).toBe(byServer)
      expect(read).toHaveBeenCalled()
      fresh.destroy()
    },
  )

  test('counts an absence where the server counts it', async () => {
    const absences = async (): Promise<number> => {
      const { text } = await node.ask('/metrics')
      return Number(
        /^erji_http_request_seconds_count\{method="GET",route="\/api\/handles\/\*",outcome="absent"\} (\d+)/m.exec(
          text,
        )?.[1] ?? 0,
      )
    }
    const before = await absences()
    client.forget()
    client.send(request.replace('device', 'nowhere'))
    await client.until(/"responseCode":100.*\}$/)
    expect(await absences()).toBe(before + 1)
  })

  test('dates its answers', async () => {
    vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2031, 0, 1))
    expect(await answer(request)).toContain('\r\nDate: Wed, 01 Jan 2031 00:00:00 GMT\r\n')
    vi.spyOn(Date, 'now').mockReturnValue(Date.UTC(2031, 0, 1, 0, 0, 1))
    expect(await answer(request)).toContain('\r\nDate: Wed, 01 Jan 2031 00:00:01 GMT\r\n')
  })

  test('keeps the order of a connection on which the server still has to answer', async () => {
    client.forget()
    client.send(`POST ${path} HTTP/1.1\r\nHost: node\r\nContent-Length: 2\r\n\r\n`)
    client.send(`{}${request}${request}`)
    const answers = await client.until(/(?:HTTP[\s\S]*?\]\}){3}/)
    expect(answers.match(/HTTP\/1\.1 200/g)).toHaveLength(3)
  })

  test('lets nobody in beyond the bound on requests under way', async () => {
    const slow = await Promise.all([1, 2, 3].map(() => RawConnection.open(node.url)))
    for (const connection of slow) {
      connection.send(
        `POST ${path} HTTP/1.1\r\nHost: node\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n`,
      )
      await connection.until(/100 Continue/)
    }
    client.forget()
    client.send(request)
    expect(await client.until(/"responseCode":3[\s\S]*\}/)).toContain('503 Service Unavailable')
    for (const connection of slow) connection.destroy()
  })

  async function put(data: string): Promise<void> {
    const body = [{ index: 1, type: 'URL', data }]
    expect((await node.administer(path, { method: 'PUT', body })).status).toBeLessThan(300)
  }

  async function answer(text: string): Promise<string> {
    client.forget()
    client.send(text)
    return client.until(/\]\}$/)
  }

  async function counted(): Promise<{ requests: number; hits: number }> {
    const { text } = await node.ask('/metrics')
    const value = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? 0)
    return {
      requests: value(
        /^erji_http_request_seconds_count\{method="GET",route="\/api\/handles\/\*",outcome="ok"\} (\d+)/m,
      ),
      hits: value(/^erji_cache_hits_total (\d+)/m),
    }
  }
})
