import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type Refusal, sendBatch } from '../../src/cli/import-batches.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

type Outcome = readonly [line: string, responseCode: number | undefined]

const running: AsyncDisposable[] = []
afterEach(async () => {
  for (const part of running.splice(0)) await part[Symbol.asyncDispose]()
})

const lineOf = (name: string) =>
  JSON.stringify({ handle: `88.1000/${name}`, values: [{ index: 1, type: 'T', data: name }] })

test('a batch over the limit of items is sent on until every line has its result', async () => {
  const node = await memoryNode({ bulkItemsMax: 3 })
  const lines = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map(lineOf)
  expect(await outcomesOf(node, lines)).toEqual(lines.map((line) => [line, undefined]))
})

test('a batch over the limit of bytes goes in parts; only the line that is over it alone is refused', async () => {
  const node = await memoryNode({ bulkBytesMax: 512 })
  const tooLong = lineOf('x'.repeat(600))
  const lines = [...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'].map(lineOf), tooLong, lineOf('k')]
  expect(await outcomesOf(node, lines)).toEqual(lines.map((line) => [line, line === tooLong ? 4 : undefined]))
})

test('a line that is no JSON is refused, those around it are not', async () => {
  const lines = [lineOf('a'), '{"handle":', lineOf('b')]
  expect(await outcomesOf(await memoryNode(), lines)).toEqual([
    [lines[0], undefined],
    ['{"handle":', 4],
    [lines[2], undefined],
  ])
})

test('a node that is busy is asked again, and what stays busy is named so', async () => {
  const busy = await serverThatAnswers(503)
  const lines = [lineOf('a')]
  await expect(outcomesAt(busy.url, lines, 2)).rejects.toMatchObject({ code: 'NODE_BUSY' })
  expect(busy.requests()).toBe(2)
})

test('a node that refuses who asks is not asked again', async () => {
  const refusing = await serverThatAnswers(401)
  await expect(outcomesAt(refusing.url, [lineOf('a')], 5)).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  expect(refusing.requests()).toBe(1)
})

async function memoryNode(settings: Record<string, unknown> = {}): Promise<MemoryNode> {
  const node = await startMemoryNode(settings)
  running.push(node)
  return node
}

function outcomesOf(node: MemoryNode, lines: readonly string[]): Promise<readonly Outcome[]> {
  return outcomesAt(new URL(node.url), lines, 1, node.administrator)
}

async function outcomesAt(
  url: URL,
  lines: readonly string[],
  attemptsMax: number,
  authorization = 'Basic x',
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  const settled = ({ line, refusal }: { line: string; refusal: Refusal | undefined }): void => {
    outcomes.push([line, refusal?.responseCode])
  }
  const { signal } = new AbortController()
  await sendBatch(lines, { client: { url, authorization }, overwrite: false, signal, attemptsMax, settled })
  return outcomes
}

async function serverThatAnswers(status: number) {
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    request.resume()
    response.writeHead(status).end('{"responseCode":3}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.push({
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await server[Symbol.asyncDispose]()
    },
  })
  const { port } = server.address() as AddressInfo
  return { url: new URL(`http://127.0.0.1:${port}`), requests: () => requests }
}
