import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { openHandleHttpTarget } from '../../../bench/target/handle-http.ts'
import { createRecordGenerator } from '../../../bench/workload/record-generator.ts'
import { systemClock } from '../../../src/support/clock.ts'

const generator = createRecordGenerator({ seed: 42, prefix: '88.118' })
const signal = new AbortController().signal
const closers: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

test('a server with bulk registration gets whole batches, in order and with credentials', async () => {
  const { target, batches } = await open()
  expect(target.capabilities).toEqual({ bulkRegistration: true, statistics: true })
  expect(await target.registerRange(100, 130, signal)).toEqual({ created: 30, identical: 0, failed: 0 })
  expect(batches).toHaveLength(1)
  expect(batches[0]?.authorization).toMatch(/^Basic /)
  const ordinals = Array.from({ length: 30 }, (_, index) => 100 + index)
  expect(batches[0]?.items).toEqual(
    ordinals.map((ordinal) => {
      const { handle, valuesJson } = generator.recordOf(ordinal, 0)
      return { handle, values: JSON.parse(valuesJson) }
    }),
  )
})

test('a bulk operation is one batch of its own ordinals, each of which has to be told as registered', async () => {
  const bulk = { kind: 'bulk', ordinal: 50, revision: 0, batch: { items: 3, stride: 4 } } as const
  const { target, batches } = await open()
  expect(await target.perform(bulk, signal)).toEqual({ outcome: 'ok' })
  const handles = [50, 54, 58].map((ordinal) => generator.handleOf(ordinal))
  expect(batches.map(({ items }) => items.map(({ handle }) => handle))).toEqual([handles])
  const { target: full } = await open({ existing: true })
  expect(await full.perform(bulk, signal)).toMatchObject({
    outcome: 'refused',
    detail: expect.stringMatching(/^3 of 3: /),
  })
  const { target: busy } = await open({ status: 503 })
  expect((await busy.perform(bulk, signal)).outcome).toBe('busy')
})

test('what an earlier run may have rewritten counts as there, anything else that differs as failed', async () => {
  const { target } = await open({ existing: true })
  // Of sixteen identifiers in a row exactly one is of the class that runs rewrite.
  expect(await target.registerRange(0, 16, signal)).toMatchObject({ created: 0, identical: 1, failed: 15 })
})

test('a busy server is told apart from one that refuses, with the time it asks for', async () => {
  const { target: busy } = await open({ status: 503 })
  await expect(busy.registerRange(0, 5, signal)).rejects.toMatchObject({ code: 'BUSY', retryAfterSeconds: 7 })
  const { target: strict } = await open({ status: 413 })
  await expect(strict.registerRange(0, 5, signal)).rejects.toMatchObject({
    code: 'REFUSED',
    message: expect.stringContaining('at most 3 items'),
  })
})

test('a server that allows POST and knows nothing of batches is loaded one by one, which is said once', async () => {
  for (const status of [404, 405, 501]) {
    const said: string[] = []
    const { target, singles } = await open({ status, tell: (sentence) => said.push(sentence) })
    const results = await Promise.all([
      target.registerRange(0, 5, signal),
      target.registerRange(5, 10, signal),
    ])
    expect(results).toEqual(Array(2).fill({ created: 5, identical: 0, failed: 0 }))
    expect(singles()).toBe(10)
    expect(target.capabilities.bulkRegistration).toBe(false)
    expect(said).toEqual([
      expect.stringMatching(`answers it ${status}: identifiers are registered one by one`),
    ])
  }
})

test('a bulk operation too is performed one by one where batches turn out to be unknown', async () => {
  const { target, singles } = await open({ status: 404 })
  const bulk = { kind: 'bulk', ordinal: 50, revision: 0, batch: { items: 3, stride: 4 } } as const
  expect(await target.perform(bulk, signal)).toEqual({ outcome: 'ok' })
  expect(singles()).toBe(3)
})

test('once batches were taken, an answer 404 is an error and not another way to register', async () => {
  const statuses = [200, 404]
  const { target, singles } = await open({ statusOf: () => statuses.shift() ?? 200 })
  await target.registerRange(0, 5, signal)
  await expect(target.registerRange(5, 10, signal)).rejects.toMatchObject({ code: 'REFUSED' })
  expect(singles()).toBe(0)
})

test('JSON that another server has where a node has its statistics is not taken for them', async () => {
  const { target } = await open({ statistics: { records: 5, version: '1', pid: 1 } })
  expect(target.capabilities.statistics).toBe(false)
  expect(await target.statistics(signal)).toBeUndefined()
  expect(await target.describe(signal)).not.toHaveProperty('server')
})

test('the numbers of the statistics have dotted names, and the identity is read from them', async () => {
  const { target } = await open()
  expect(await target.statistics(signal)).toEqual({
    pid: 4711,
    records: 12,
    storeBytes: 840,
    'cache.bytesMax': 1000,
    'cache.hits': 3,
  })
  expect(await target.describe(signal)).toMatchObject({
    server: 'erji',
    version: '9.9.9',
    storeEngine: 'level',
    durability: 'sync',
    cacheBytesMax: 1000,
    records: 12,
    storeBytes: 840,
    pid: 4711,
  })
})

type Bulk = {
  readonly status?: number
  readonly statusOf?: () => number
  readonly existing?: boolean
  readonly statistics?: object
  readonly tell?: (sentence: string) => void
}
type Batch = {
  readonly authorization: string | undefined
  readonly items: readonly { readonly handle: string }[]
}

const nodeStatistics = {
  server: 'erji',
  version: '9.9.9',
  engine: 'level',
  durability: 'sync',
  pid: 4711,
  records: 12,
  storeBytes: 840,
  cache: { policy: 'lru', bytesMax: 1000, hits: 3 },
}

/** Just enough of a node: bulk registration that answers as it is told to, and statistics. */
async function open({ status: fixed = 200, existing = false, ...given }: Bulk = {}) {
  const { statusOf = () => fixed, statistics = nodeStatistics, tell } = given
  let singles = 0
  const batches: Batch[] = []
  const server = createServer(async (request, response) => {
    const body = await readBody(request)
    if (request.url === '/api/statistics') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(statistics))
    } else if (request.method === 'OPTIONS') {
      response.writeHead(204, { allow: 'POST, OPTIONS' }).end()
    } else if (request.method === 'PUT') {
      singles++
      const handle = decodeURIComponent(request.url?.replace(/^\/api\/handles\/|\?.*$/g, '') ?? '')
      response.writeHead(201).end(JSON.stringify({ responseCode: 1, handle }))
    } else if (request.method === 'GET') response.writeHead(404).end('{"responseCode":100}')
    else answerBatch(body, { status: statusOf(), request, response })
  })
  const answerBatch = (
    body: string,
    { status, request, response }: { status: number; request: IncomingMessage; response: ServerResponse },
  ): void => {
    if (status !== 200) {
      response.writeHead(status, { 'retry-after': '7' }).end('{"responseCode":2,"message":"at most 3 items"}')
      return
    }
    const items: { handle: string }[] = body
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    batches.push({ authorization: request.headers.authorization, items })
    const result = existing ? { responseCode: 101, status: 'exists' } : { responseCode: 1, status: 'created' }
    for (const { handle } of items) response.write(`${JSON.stringify({ handle, ...result })}\n`)
    response.end()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  const target = await openHandleHttpTarget({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: 2,
    timeoutSeconds: 5,
    credentials: { user: '300:88.118/ADMIN', secret: 'secret' },
    generator,
    clock: systemClock,
    ...(tell === undefined ? {} : { tell }),
  })
  closers.push(() => target.close())
  return { target, batches, singles: () => singles }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
