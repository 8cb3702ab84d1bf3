import { Agent, request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

const connections = 6
let place: NodePlace
let node: NodeProcess
let authorization: string
/** One connection each, so that nothing but the node orders what they ask. */
const agents = Array.from({ length: connections }, () => new Agent({ connections: 1, pipelining: 1 }))
beforeAll(async () => {
  place = await NodePlace.create()
  node = await place.start()
  authorization = await place.authorization()
})
afterAll(async () => {
  await Promise.all(agents.map((agent) => agent.close()))
  await place[Symbol.asyncDispose]()
})

test('of creations that race over several connections exactly one succeeds, and its values stay', async () => {
  for (let round = 0; round < 20; round++) {
    const statuses = await Promise.all(
      agents.map((agent, writer) => put(agent, `race-${round}`, `${writer}`, '?overwrite=false')),
    )
    expect([...statuses].sort()).toEqual([201, ...Array(connections - 1).fill(409)])
    const winner = statuses.indexOf(201)
    const seen = await Promise.all(agents.map((agent) => read(agent, `race-${round}`)))
    expect(seen).toEqual(Array(connections).fill(`${winner}`))
  }
})

test('of deletions that race exactly one succeeds, and none sees the record afterwards', async () => {
  for (let round = 0; round < 20; round++) {
    await put(agents[0] as Agent, `gone-${round}`, 'here')
    await Promise.all(agents.map((agent) => read(agent, `gone-${round}`)))
    const statuses = await Promise.all(agents.map((agent) => remove(agent, `gone-${round}`)))
    expect([...statuses].sort()).toEqual([200, ...Array(connections - 1).fill(404)])
    const seen = await Promise.all(agents.map((agent) => read(agent, `gone-${round}`)))
    expect(seen).toEqual(Array(connections).fill('absent'))
  }
})

/**
 * One connection writes revisions one after the other, each third time deleting, while the others read. A read may see
 * the state that was acknowledged before it started or any that was under way before it ended, nothing older or newer.
 */
test('a read that starts after an acknowledged write, update or deletion never sees what was before', async () => {
  const revisions = 150
  const [writer, ...readers] = agents as [Agent, ...Agent[]]
  const states: string[] = ['absent']
  let acknowledged = 0
  let isWriting = true
  const outOfOrder: string[] = []
  let reads = 0
  const reading = readers.map(async (reader) => {
    let lastSeen = 0
    while (isWriting) {
      const earliest = Math.max(acknowledged, lastSeen)
      const seen = await read(reader, 'history')
      const allowed = states.slice(earliest)
      const position = allowed.indexOf(seen)
      if (position < 0) outOfOrder.push(`saw ${seen}; expected one of ${allowed.join(', ')}`)
      // What is absent at several revisions does not say which of them was read: the earliest is assumed.
      else lastSeen = earliest + position
      reads++
    }
  })
  for (let revision = 1; revision <= revisions; revision++) {
    const isDeletion = revision % 3 === 0
    states.push(isDeletion ? 'absent' : `${revision}`)
    const status = isDeletion ? await remove(writer, 'history') : await put(writer, 'history', `${revision}`)
    expect(status).toBe(isDeletion || revision % 3 === 2 ? 200 : 201)
    acknowledged = revision
  }
  isWriting = false
  await Promise.all(reading)
  expect(outOfOrder).toEqual([])
  expect(reads).toBeGreaterThan(revisions)
})

const address = (name: string): string => `${node.url}/api/handles/${testPrefix}/${name}`

async function put(dispatcher: Agent, name: string, data: string, query = ''): Promise<number> {
  const { statusCode, body } = await request(address(name) + query, {
    dispatcher,
    method: 'PUT',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify([{ index: 1, type: 'REVISION', data }]),
  })
  await body.dump()
  return statusCode
}

async function remove(dispatcher: Agent, name: string): Promise<number> {
  const { statusCode, body } = await request(address(name), {
    dispatcher,
    method: 'DELETE',
    headers: { authorization },
  })
  await body.dump()
  return statusCode
}

/** The revision that the record holds, or `absent`. */
async function read(dispatcher: Agent, name: string): Promise<string> {
  const { statusCode, body } = await request(address(name), { dispatcher })
  const record = (await body.json()) as { values?: readonly { data: { value: string } }[] }
  return statusCode === 404 ? 'absent' : (record.values?.[0]?.data.value ?? `status ${statusCode}`)
}
