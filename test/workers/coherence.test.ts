import { expect, test } from 'vitest'
import { createPrng, type Prng } from '../../src/support/prng.ts'
import { newSharedMemory } from '../../src/workers/shared-memory.ts'
import { testPrefix } from '../support/node-process.ts'
import { impossibleReads, type Read } from '../support/read-history.ts'
import { connectToEach, type WorkerConnection } from '../support/worker-connections.ts'
import { startWorkerNode, type WorkerNode } from '../support/worker-node.ts'

const workers = 3
const keys = Array.from({ length: 6 }, (_, key) => `${testPrefix}/coherent-${key}`)
const writesOfEachKey = 150

test('no worker serves what an acknowledged write has replaced or removed, whichever worker took it', async () => {
  await using node = await startWorkerNode({ workers })
  const { reads, cache } = await writeAndRead(node)
  expect(impossibleReads(reads, stateOf)).toEqual([])
  // Otherwise nothing was proved: hits and remembered absences are what could have been stale.
  expect(cache.hits).toBeGreaterThan(reads.length / 10)
  expect(cache.negativeHits).toBeGreaterThan(0)
})

test('the same work is found out when the workers do not share their epochs', async () => {
  const apart = Array.from({ length: workers }, () => newSharedMemory(workers))
  const memoryOf = (worker: number) => apart[worker - 1] ?? newSharedMemory(workers)
  await using node = await startWorkerNode({ workers }, { memoryOf })
  const { reads } = await writeAndRead(node)
  expect(impossibleReads(reads, stateOf).length).toBeGreaterThan(0)
})

test('a history is judged by hand', () => {
  const read = (state: string, acknowledgedBefore: number, begunBefore: number): Read => ({
    key: 'k',
    state,
    acknowledgedBefore,
    begunBefore,
  })
  // Versions 0, 4, 8 … are absent; write 2 was acknowledged and write 3 had begun: either may be seen, 1 no longer.
  expect(impossibleReads([read('2', 2, 3), read('3', 2, 3)], stateOf)).toEqual([])
  expect(impossibleReads([read('1', 2, 3), read('4', 2, 3), read('absent', 2, 3)], stateOf)).toHaveLength(3)
  expect(impossibleReads([read('absent', 3, 4)], stateOf)).toEqual([])
})

/** What the record holds after so many writes: every fourth removes it. */
function stateOf(_key: string, version: number): string {
  return version % 4 === 0 ? 'absent' : String(version)
}

type Progress = { acknowledged: number; begun: number }

/** One writer for each key over changing connections, readers on all of them until the writers are through. */
async function writeAndRead(node: WorkerNode) {
  const connections = await connectToEach(node.url, { workers, each: 4 })
  const writing = connections.filter((_, position) => position % 2 === 0)
  const reading = connections.filter((_, position) => position % 2 === 1)
  const progress = new Map(keys.map((key) => [key, { acknowledged: 0, begun: 0 }]))
  const reads: Read[] = []
  let isOver = false
  const readers = reading.map(async (connection, reader) => {
    const prng = createPrng(100 + reader)
    while (!isOver) reads.push(await readOnce(connection, pick(keys, prng), progress))
  })
  await Promise.all(
    [...progress].map(async ([key, of]) => {
      const prng = createPrng(keys.indexOf(key))
      for (let write = 0; write < writesOfEachKey; write++)
        await writeOnce(node, pick(writing, prng), key, of)
    }),
  )
  isOver = true
  await Promise.all(readers)
  const { body } = await (connections[0] as WorkerConnection).send({ path: '/api/statistics' })
  await Promise.all(connections.map((connection) => connection.close()))
  return { reads, cache: body.cache as { hits: number; negativeHits: number } }
}

async function writeOnce(
  node: WorkerNode,
  connection: WorkerConnection,
  key: string,
  progress: Progress,
): Promise<void> {
  const version = progress.begun + 1
  progress.begun = version
  const state = stateOf(key, version)
  const record = [{ index: 1, type: 'VERSION', data: state }]
  const { status } = await connection.send({
    path: `/api/handles/${key}`,
    authorization: node.administrator,
    ...(state === 'absent' ? { method: 'DELETE' } : { method: 'PUT', body: record }),
  })
  expect(status === 200 || status === 201, `write answered with ${status}`).toBe(true)
  progress.acknowledged = version
}

async function readOnce(
  connection: WorkerConnection,
  key: string,
  progress: ReadonlyMap<string, Progress>,
): Promise<Read> {
  const acknowledgedBefore = progress.get(key)?.acknowledged ?? 0
  const { body } = await connection.send({ path: `/api/handles/${key}` })
  const begunBefore = progress.get(key)?.begun ?? 0
  const values = body.values as { data: { value: string } }[] | undefined
  return { key, state: values?.[0]?.data.value ?? 'absent', acknowledgedBefore, begunBefore }
}

function pick<Item>(items: readonly Item[], prng: Prng): Item {
  return items[prng.nextBelow(items.length)] as Item
}
