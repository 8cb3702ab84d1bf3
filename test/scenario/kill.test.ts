import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createPrng } from '../../src/support/prng.ts'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

// In the main thread, and through workers whose writer dies with writes of several of them in one group.
const variants = [
  { workers: 1, rounds: 10 },
  { workers: 2, rounds: 12 },
]
const singleWriters = 6
const bulkItems = 100
// Early enough to hit the first writes after a start, late enough for several groups to have been committed.
const killAfterMs = { least: 5, most: 250 }

for (const variant of variants) {
  const { workers, rounds } = variant
  test(`every acknowledged registration survives kill -9 (${rounds} rounds, --workers ${workers})`, () =>
    expectAcknowledgedToSurvive(variant))
}

async function expectAcknowledgedToSurvive({ workers, rounds }: { workers: number; rounds: number }) {
  await using place = await NodePlace.create()
  const prng = createPrng(20)
  const acknowledged = new Set<string>()
  let ofLastRound: readonly string[] = []
  let singles = 0
  let bulks = 0
  for (let round = 0; round < rounds; round++) {
    const node = await place.start({ durability: 'sync', workers: String(workers) })
    await expectAll(node, ofLastRound)
    const before = acknowledged.size
    const writing = write({ node, round, acknowledged, authorization: await place.authorization() })
    await sleep(killAfterMs.least + prng.nextBelow(killAfterMs.most - killAfterMs.least))
    expect((await node.kill()).signal).toBe('SIGKILL')
    const written = await writing
    singles += written.singles
    bulks += written.bulks
    ofLastRound = [...acknowledged].slice(before)
  }
  expect(singles).toBeGreaterThan(rounds)
  expect(bulks).toBeGreaterThan(rounds)
  const node = await place.start()
  await expectAll(node, [...acknowledged])
  const { handles, totalCount } = await listAll(node, await place.authorization())
  expect(handles.size).toBe(totalCount)
  expect([...acknowledged].filter((handle) => !handles.has(handle))).toEqual([])
}

type Writing = {
  readonly node: NodeProcess
  readonly round: number
  /** Grows by a handle as soon as an answer says that it is registered. */
  readonly acknowledged: Set<string>
  readonly authorization: string
}

/** Registers singly and in bulk, all at once, until the node is gone. */
async function write(writing: Writing): Promise<{ singles: number; bulks: number }> {
  const counts = { singles: 0, bulks: 0 }
  const writers = Array.from({ length: singleWriters }, async (_, writer) => {
    for (let number = 0; await registerOne(writing, `${writing.round}.${writer}.${number}`); number++) {
      counts.singles++
    }
  })
  const bulk = async (): Promise<void> => {
    for (let batch = 0; ; batch++) {
      const registered = await registerBatch(writing, `${writing.round}.bulk.${batch}`)
      counts.bulks += registered
      if (registered < bulkItems) return
    }
  }
  await Promise.all([...writers, bulk()])
  return counts
}

/** False when the node was killed before it acknowledged. */
async function registerOne({ node, acknowledged, authorization }: Writing, name: string): Promise<boolean> {
  const handle = `${testPrefix}/单件.${name}`
  try {
    const url = `${node.url}/api/handles/${handle}?overwrite=false`
    const { status } = await ask(url, { method: 'PUT', authorization, body: valuesOf(handle) })
    expect(status).toBe(201)
  } catch (error) {
    if (isCutOff(error)) return false
    throw error
  }
  acknowledged.add(handle)
  return true
}

/** How many of the batch's items were acknowledged; result lines that arrived before the kill count. */
async function registerBatch({ node, acknowledged, authorization }: Writing, name: string): Promise<number> {
  const handles = Array.from({ length: bulkItems }, (_, item) => `${testPrefix}/bulk.${name}.${item}`)
  const lines = handles.map((handle) => `${JSON.stringify({ handle, values: valuesOf(handle) })}\n`)
  let received = ''
  try {
    const response = await fetch(`${node.url}/api/registrations`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-ndjson' },
      body: lines.join(''),
    })
    expect(response.status).toBe(200)
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) received += decoder.decode(chunk, { stream: true })
  } catch (error) {
    if (!isCutOff(error)) throw error
  }
  const results = received
    .slice(0, received.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
  results.forEach((line, item) => {
    const handle = handles[item] ?? ''
    expect(JSON.parse(line)).toMatchObject({ responseCode: 1, handle, status: 'created' })
    acknowledged.add(handle)
  })
  return results.length
}

/** What a record holds follows from its handle, so that nothing but the handle needs remembering. */
function valuesOf(handle: string) {
  return [
    { index: 1, type: 'URL', data: `https://example.org/${encodeURIComponent(handle)}` },
    { index: 2, type: '名称', data: `${handle} 的名称` },
  ]
}

function isCutOff(error: unknown): boolean {
  return error instanceof TypeError && /fetch failed|terminated/.test(error.message)
}

async function expectAll(node: NodeProcess, handles: readonly string[]): Promise<void> {
  let next = 0
  const lost: string[] = []
  const readers = Array.from({ length: 16 }, async () => {
    for (let handle = handles[next++]; handle !== undefined; handle = handles[next++]) {
      const answer = await ask(`${node.url}/api/handles/${handle}`)
      if (answer.status !== 200 || !isRecord(answer.json(), handle)) lost.push(`${handle}: ${answer.text}`)
    }
  })
  await Promise.all(readers)
  expect(lost).toEqual([])
}

function isRecord(body: Record<string, unknown>, handle: string): boolean {
  const values = body.values as { index: number; type: string; data: { value: unknown } }[]
  const found = values.map(({ index, type, data }) => ({ index, type, data: data.value }))
  return body.handle === handle && JSON.stringify(found) === JSON.stringify(valuesOf(handle))
}

async function listAll(node: NodeProcess, authorization: string) {
  const handles = new Set<string>()
  let cursor: string | undefined
  let totalCount = 0
  do {
    const parameters = new URLSearchParams({
      prefix: testPrefix,
      ...(cursor === undefined ? {} : { cursor }),
    })
    const body = (await ask(`${node.url}/api/handles?${parameters}`, { authorization })).json()
    for (const handle of body.handles as string[]) handles.add(handle)
    totalCount = Number(body.totalCount)
    cursor = body.cursor as string | undefined
  } while (cursor !== undefined)
  return { handles, totalCount }
}
