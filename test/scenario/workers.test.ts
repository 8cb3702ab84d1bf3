import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { connectToAny, connectToEach, type WorkerConnection } from '../support/worker-connections.ts'

const workers = 2
const record = [{ index: 1, type: 'URL', data: 'https://example.org/' }]
const preload = new URL('../support/dying-worker.ts', import.meta.url).href

let place: NodePlace
let orders: string
beforeEach(async () => {
  place = await NodePlace.create()
  orders = await mkdtemp(join(tmpdir(), 'erji-orders-'))
})
afterEach(async () => {
  await place[Symbol.asyncDispose]()
  await rm(orders, { recursive: true })
})

test('a worker that dies is replaced: the others keep their connections, no acknowledged write is lost', async () => {
  const node = await startMortal()
  const authorization = await place.authorization()
  const connections = await connectToEach(node.url, { workers, each: 3 })
  const acknowledged: string[] = []
  const deaths = 3
  let isOver = false
  const writers = connections
    .filter(({ worker }) => worker === 1)
    .map(async (connection, writer) => {
      for (let number = 0; !isOver; number++) {
        const handle = `${testPrefix}/survivor.${writer}.${number}`
        expect((await put(connection, handle, authorization)).status).toBe(201)
        acknowledged.push(handle)
      }
    })
  const doomed = connections
    .filter(({ worker }) => worker === 2)
    .map(async (connection, writer) => {
      for (let number = 0; ; number++) {
        const handle = `${testPrefix}/doomed.${writer}.${number}`
        const answer = await put(connection, handle, authorization).catch(() => undefined)
        if (answer === undefined) return
        expect(answer.status).toBe(201)
        acknowledged.push(handle)
      }
    })
  for (let death = 1; death <= deaths; death++) {
    await writeFile(join(orders, 'die-2'), '')
    const restarts = async () =>
      (await (connections[0] as WorkerConnection).send({ path: '/api/statistics' })).body.workerRestarts
    await expect.poll(restarts, { timeout: 20_000 }).toBe(death)
    await expect
      .poll(() => count(node.stdout(), '"msg":"a worker was replaced"'), { timeout: 20_000 })
      .toBe(death)
  }
  await Promise.all(doomed)
  isOver = true
  await Promise.all(writers)
  const again = await connectToEach(node.url, { workers, each: 1 })
  expect(again.map(({ worker }) => worker).sort()).toEqual([1, 2])
  expect(count(node.stdout(), 'a worker that was told to die')).toBeGreaterThanOrEqual(deaths)
  const metrics = await (await fetch(`${node.url}/metrics`)).text()
  expect(metrics).toMatch(new RegExp(`^erji_worker_restarts_total ${deaths}$`, 'm'))
  for (const connection of again) {
    const answers = await readAll(connection, acknowledged)
    expect(answers.filter((status) => status !== 200)).toEqual([])
  }
  await Promise.all([...connections, ...again].map((connection) => connection.close()))
  expect((await node.stop()).code).toBe(0)
})

test('the requests of a worker that died no longer count as under way', async () => {
  const node = await startMortal({ 'requests-in-flight-max': '3' })
  for (let death = 0; death < 5; death++) {
    const hanging = new AbortController()
    const body = new ReadableStream({ start: () => undefined })
    const options = { method: 'PUT', body, duplex: 'half', signal: hanging.signal } as RequestInit
    const cut = fetch(`${node.url}/api/handles/${testPrefix}/hanging`, options).catch(() => undefined)
    await writeFile(join(orders, `die-${(death % 2) + 1}`), '')
    await expect
      .poll(() => count(node.stdout(), '"msg":"a worker was replaced"'), { timeout: 20_000 })
      .toBe(death + 1)
    hanging.abort()
    await cut
  }
  await expect.poll(async () => (await ask(`${node.url}/health/live`)).status).toBe(200)
})

test('a worker that keeps dying before it serves ends the node with the reason', async () => {
  const node = await startMortal()
  await writeFile(join(orders, 'never-start-2'), '')
  await writeFile(join(orders, 'die-2'), '')
  const { code, stderr } = await node.ended
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /erji: 5 starts of a worker failed .*worker 2 does not start: a worker that cannot start/,
  )
})

test('a node whose worker cannot start from the beginning says so', async () => {
  await writeFile(join(orders, 'never-start-1'), '')
  await expect(startMortal()).rejects.toThrow(/worker 1 does not start: a worker that cannot start/)
})

test('one worker serves in the main thread', async () => {
  const node = await place.start({ workers: '1' })
  const { body } = await (await connectToAny(node.url)).send({ path: '/api/statistics' })
  expect(body).toMatchObject({ workers: 1, answeredByWorker: 1, workerRestarts: 0 })
  expect((await node.stop()).code).toBe(0)
})

function startMortal(flags: Readonly<Record<string, string>> = {}): Promise<NodeProcess> {
  const under = ['env', `NODE_OPTIONS=--import=${preload}`, `DYING_WORKER_DIRECTORY=${orders}`]
  return place.start({ workers: String(workers), ...flags }, { under })
}

function put(connection: WorkerConnection, handle: string, authorization: string) {
  const path = `/api/handles/${handle}?overwrite=false`
  return connection.send({ method: 'PUT', path, authorization, body: record })
}

async function readAll(connection: WorkerConnection, handles: readonly string[]): Promise<number[]> {
  const statuses: number[] = []
  for (const handle of handles) {
    statuses.push((await connection.send({ path: `/api/handles/${handle}` })).status)
  }
  return statuses
}

function count(text: string, part: string): number {
  return text.split(part).length - 1
}
