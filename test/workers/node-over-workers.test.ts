import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseConfig } from '../../src/config.ts'
import { systemClock } from '../../src/support/clock.ts'
import { openNodeOverWorkers } from '../../src/workers/node-over-workers.ts'
import { testPrefix } from '../support/node-process.ts'
import { connectToEach, type WorkerConnection } from '../support/worker-connections.ts'
import { startWorkerNode, type WorkerNode } from '../support/worker-node.ts'

const record = [{ index: 1, type: 'URL', data: 'https://example.org/' }]

let node: WorkerNode
let connections: readonly WorkerConnection[]
let first: WorkerConnection
let second: WorkerConnection
beforeAll(async () => {
  node = await startWorkerNode({ workers: 2, requestsInFlightMax: 1001, cacheBytes: 1_000_001 })
  connections = await connectToEach(node.url, { workers: 2, each: 1 })
  ;[first, second] = [...connections].sort((left, right) => left.worker - right.worker) as [
    WorkerConnection,
    WorkerConnection,
  ]
})
afterAll(async () => {
  await Promise.all(connections.map((connection) => connection.close()))
  await node[Symbol.asyncDispose]()
})

const put = (connection: WorkerConnection, handle: string) =>
  connection.send({
    method: 'PUT',
    path: `/api/handles/${handle}?overwrite=false`,
    authorization: node.administrator,
    body: record,
  })

test('the kernel spreads connections over all workers of the one port', () => {
  expect([first.worker, second.worker]).toEqual([1, 2])
})

test('a prefix is homed on every worker when its registration is acknowledged, and no longer when its removal is', async () => {
  const authorization = node.administrator
  for (let round = 0; round < 20; round++) {
    const [writer, reader] = round % 2 === 0 ? [first, second] : [second, first]
    const path = `/api/handles/0.NA/${testPrefix}.7`
    const asked = { path: `/api/handles/${testPrefix}.7/x` }
    expect((await reader.send(asked)).body.responseCode).toBe(301)
    expect((await writer.send({ method: 'PUT', path, authorization, body: record })).status).toBe(201)
    expect((await reader.send(asked)).body.responseCode).toBe(100)
    expect((await reader.send({ path: '/api/statistics' })).body.prefixes).toBe(2)
    expect((await writer.send({ method: 'DELETE', path, authorization })).status).toBe(200)
  }
})

test('of creations that race on different workers exactly one succeeds', async () => {
  for (let round = 0; round < 20; round++) {
    const handle = `${testPrefix}/race-${round}`
    const answers = await Promise.all([put(first, handle), put(second, handle)])
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409])
  }
})

test('records, counts and statistics are the whole node’s, whichever worker is asked', async () => {
  const before = (await first.send({ path: '/api/statistics' })).body
  await put(first, `${testPrefix}/counted-1`)
  await put(second, `${testPrefix}/counted-2`)
  for (const connection of [first, second]) {
    const { body } = await connection.send({ path: '/api/statistics' })
    expect(body).toMatchObject({ workers: 2, workerRestarts: 0, answeredByWorker: connection.worker })
    expect(Number(body.records)).toBe(Number(before.records) + 2)
    const registered = (from: Record<string, unknown>) => (from.registrar as { created: number }).created
    expect(registered(body)).toBe(registered(before) + 2)
    const byWorker = body.byWorker as { worker: number; cache: { bytesMax: number } }[]
    expect(byWorker.map(({ worker }) => worker)).toEqual([1, 2])
    expect(byWorker.reduce((sum, { cache }) => sum + cache.bytesMax, 0)).toBe(1_000_001)
    expect((body.cache as { bytesMax: number }).bytesMax).toBe(1_000_001)
    const listed = await connection.send({
      path: `/api/handles?prefix=${testPrefix}&page=0&pageSize=0`,
      authorization: node.administrator,
    })
    expect(listed.body.totalCount).toBe(String(Number(body.records) - 1))
  }
})

test('metrics add the workers up, tell their event loops apart and count the process once', async () => {
  const text = await (await fetch(`${node.url}/metrics`)).text()
  const value = (name: string): number =>
    Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1])
  const { body } = await first.send({ path: '/api/statistics' })
  expect(value('erji_records_created_total')).toBe((body.registrar as { created: number }).created)
  expect(value('erji_store_records')).toBe(body.records)
  expect(value('erji_workers')).toBe(2)
  expect(value('erji_worker_restarts_total')).toBe(0)
  for (const worker of [1, 2]) {
    expect(value(`erji_event_loop_delay_p99_seconds{worker="${worker}"}`)).toBeGreaterThanOrEqual(0)
  }
  expect(value('process_resident_memory_bytes')).toBeLessThan(1.5 * process.memoryUsage.rss())
})

test('a bulk registration through one worker is resolved through another', async () => {
  const lines = Array.from({ length: 3000 }, (_, item) =>
    JSON.stringify({ handle: `${testPrefix}/散装-${item}`, values: record }),
  )
  const answer = await fetch(`${node.url}/api/registrations`, {
    method: 'POST',
    headers: { authorization: node.administrator, 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  })
  expect((await answer.text()).match(/"status":"created"/g)).toHaveLength(3000)
  for (const item of [0, 1500, 2999]) {
    const path = `/api/handles/${encodeURI(`${testPrefix}/散装-${item}`)}`
    for (const connection of [first, second]) expect((await connection.send({ path })).status).toBe(200)
  }
})

test('a port that another listens on, even one who would share it, ends the start and leaves no thread', async () => {
  const other = createServer()
  const port = await new Promise<number>((resolve) =>
    other.listen({ host: '127.0.0.1', port: 0, reusePort: true }, () =>
      resolve((other.address() as { port: number }).port),
    ),
  )
  const directory = await mkdtemp(join(tmpdir(), 'erji-workers-'))
  const config = parseConfig({ data: directory, host: '127.0.0.1', port, workers: 2, storeReserveBytes: 0 })
  const parts = { clock: systemClock, log: pino({ level: 'silent' }) }
  await expect(openNodeOverWorkers(config, parts)).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
  await new Promise((resolve) => other.close(resolve))
  await rm(directory, { recursive: true })
})
