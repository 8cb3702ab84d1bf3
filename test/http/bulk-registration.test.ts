import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import type { Answer, Asking } from '../support/ask.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { RawConnection } from '../support/raw-connection.ts'

const path = '/api/registrations'
const lineOf = (name: string, data = name) =>
  JSON.stringify({ handle: `88.1000/${name}`, values: [{ index: 1, type: 'T', data }] })

let node: MemoryNode | undefined
afterEach(async () => {
  await node?.[Symbol.asyncDispose]()
  node = undefined
})

describe('results', () => {
  test('come one for each item, in order, and say what became of it', async () => {
    await start()
    expect(statusesOf(await register([lineOf('a'), lineOf('b'), lineOf('a')]))).toEqual([
      ['88.1000/a', 'created'],
      ['88.1000/b', 'created'],
      ['88.1000/a', 'exists-identical'],
    ])
    expect(statusesOf(await register([lineOf('b', 'other'), lineOf('c'), lineOf('a')]))).toEqual([
      ['88.1000/b', 'exists'],
      ['88.1000/c', 'created'],
      ['88.1000/a', 'exists-identical'],
    ])
    expect(statusesOf(await register([lineOf('b', 'other')], '?overwrite'))).toEqual([
      ['88.1000/b', 'replaced'],
    ])
  })

  test.each([
    ['no JSON', '{"handle"', 4, 'the line is not JSON'],
    ['no object', '[1]', 4, 'the line is not a JSON object'],
    ['no handle', '{"values":[]}', 102, 'handle is missing'],
    ['a handle that is no text', '{"handle":7,"values":[]}', 102, 'handle is missing'],
    ['a handle without a slash', '{"handle":"x","values":[]}', 102, 'has no slash'],
    ['a foreign prefix', '{"handle":"88.9/x","values":[]}', 301, '88.9'],
    ['no values', '{"handle":"88.1000/x"}', 202, 'values'],
    ['a bad value', '{"handle":"88.1000/x","values":[{"index":0}]}', 202, 'index is 0'],
    ['an unknown field', '{"handle":"88.1000/x","values":[],"value":1}', 4, 'field "value" is unknown'],
    ['a line over the limit', lineOf('x'.repeat(500)), 4, 'over the limit of 400 bytes'],
  ])('%s between good items fails alone', async (_what, bad, responseCode, message) => {
    await start({ bodyBytesMax: 400 })
    const results = resultsOf(await register([lineOf('a'), bad, lineOf('b')]))
    expect(results.map(({ status }) => status)).toEqual(['created', 'failed', 'created'])
    expect(results[1]).toMatchObject({ responseCode })
    expect(results[1]?.message).toContain(message)
  })
})

describe('limits', () => {
  const limits = { itemsMax: 3, bytesMax: 2048, lineBytesMax: 1024 }
  const settings = { bulkItemsMax: 3, bulkBytesMax: 2048, bodyBytesMax: 1024 }

  test('on items are stated behind the results; those within them are registered', async () => {
    await start(settings)
    const results = resultsOf(await register(['a', 'b', 'c', 'd'].map((name) => lineOf(name))))
    expect(results.map(({ status }) => status)).toEqual(['created', 'created', 'created', 'failed', 'failed'])
    expect(results.at(-1)).toMatchObject({ responseCode: 4, limits, itemsAccepted: 3 })
    expect((await node?.ask('/api/handles/88.1000/c'))?.status).toBe(200)
    expect((await node?.ask('/api/handles/88.1000/d'))?.status).toBe(404)
  })

  test('on bytes are stated before anything is registered when the length is known', async () => {
    await start(settings)
    const answer = await register([lineOf('a'), lineOf('b', 'x'.repeat(3000))])
    expect(answer.status).toBe(413)
    expect(answer.json()).toMatchObject({ responseCode: 4, limits })
    expect((await node?.ask('/api/handles/88.1000/a'))?.status).toBe(404)
  })

  test('on bytes are stated in the answer when the length was not, and the connection stays', async () => {
    await start(settings)
    const connection = await RawConnection.open(url())
    connection.send(chunkedHead())
    for (const name of ['a', 'b']) connection.send(chunk(`${lineOf(name, 'x'.repeat(1500))}\n`))
    connection.send('0\r\n\r\n')
    const answer = await connection.until(/\r\n0\r\n\r\n$/)
    expect(answer).toContain(`"limits":${JSON.stringify(limits)}`)
    expect(connection.isClosed).toBe(false)
    connection.destroy()
  })
})

test('results stream out while items still stream in', async () => {
  await start({ bulkBytesMax: 64 * 2 ** 20 })
  const connection = await RawConnection.open(url())
  connection.send(chunkedHead())
  const lines = Array.from({ length: 6 }, (_none, group) =>
    Array.from({ length: 300 }, (_nothing, item) => lineOf(`${group}-${item}`, 'x'.repeat(1000))).join('\n'),
  )
  for (const group of lines) connection.send(chunk(`${group}\n`))
  await connection.until(/"handle":"88\.1000\/0-0","responseCode":1/)
  connection.send(`${chunk(lineOf('last'))}0\r\n\r\n`)
  expect(await connection.until(/\r\n0\r\n\r\n$/)).toContain('"handle":"88.1000/last","responseCode":1')
  connection.destroy()
})

test('a client that goes away in the middle leaves what was acknowledged, and a node that serves', async () => {
  await start({ bulkBytesMax: 64 * 2 ** 20 })
  const connection = await RawConnection.open(url())
  connection.send(chunkedHead())
  for (let group = 0; group < 6; group++) {
    const items = Array.from({ length: 300 }, (_none, item) => lineOf(`${group}-${item}`, 'x'.repeat(1000)))
    connection.send(chunk(`${items.join('\n')}\n`))
  }
  const answer = await connection.until(/"handle":"88\.1000\/0-0","responseCode":1/)
  connection.destroy()
  const acknowledged = [...answer.matchAll(/"handle":"(88\.1000\/[\d-]+)","responseCode":1/g)]
  for (const [, handle] of acknowledged.slice(0, 20)) {
    expect((await node?.ask(`/api/handles/${handle}`))?.status).toBe(200)
  }
  expect(statusesOf(await register([lineOf('after')]))).toEqual([['88.1000/after', 'created']])
})

test('a failure names its line of the body, however far behind it is and whatever blank lines there are', async () => {
  node = await startMemoryNode()
  const groups = Array.from({ length: 8 }, (_none, group) =>
    Array.from({ length: 300 }, (_nothing, item) => lineOf(`n${group}-${item}`, 'x'.repeat(1000))),
  )
  const lines = groups.flatMap((group, number) => [...group, '', `{"wrong":${number}}`, '\r'])
  const failed = resultsOf(await register(lines)).filter(({ status }) => status === 'failed')
  expect(failed.map(({ line }) => line)).toEqual(
    lines.flatMap((line, position) => (line.startsWith('{"wrong"') ? [position + 1] : [])),
  )
})

test('a compressed body is refused as such, not taken for lines', async () => {
  await start()
  const response = await fetch(url() + path, {
    method: 'POST',
    headers: {
      authorization: node?.administrator ?? '',
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
    },
    body: gzipSync(lineOf('a')),
  })
  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({
    responseCode: 4,
    message: 'Content-Encoding is "gzip"; expected identity: send the body uncompressed',
  })
})

async function start(settings: Record<string, unknown> = {}): Promise<void> {
  node = await startMemoryNode(settings)
}

function url(): string {
  return node?.url ?? ''
}

async function register(lines: readonly string[], query = ''): Promise<Answer> {
  const asking: Asking = {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  }
  const answer = await node?.administer(path + query, asking)
  if (answer === undefined) throw new Error('the node is not started')
  return answer
}

type Result = { line?: number; handle?: string; status: string; message?: string }

function resultsOf(answer: Answer): Result[] {
  expect(answer.status, answer.text).toBe(200)
  return answer.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Result)
}

function statusesOf(answer: Answer) {
  return resultsOf(answer).map(({ handle, status }) => [handle, status])
}

function chunkedHead(): string {
  return (
    `POST ${path} HTTP/1.1\r\nHost: node\r\nAuthorization: ${node?.administrator}\r\n` +
    'Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n'
  )
}

function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`
}
