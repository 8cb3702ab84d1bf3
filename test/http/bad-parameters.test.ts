import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

type Wrong = readonly [target: string, responseCode: number]

const handle = '/api/handles/88.1000/x'
const listing = '/api/handles?prefix=88.1000'

/** Every parameter that the OpenAPI document declares, with a wrong value and the response code it gives. */
const wrongValues: Readonly<Record<string, Wrong>> = {
  'GET /api/handles/{handle} handle': ['/api/handles//x', 102],
  'GET /api/handles/{handle} index': [`${handle}?index=0`, 4],
  'GET /api/handles/{handle} auth': [`${handle}?auth=x`, 4],
  'GET /api/handles/{handle} publicOnly': [`${handle}?publicOnly=x`, 4],
  'GET /api/handles/{handle} cert': [`${handle}?cert=x`, 4],
  'GET /api/handles/{handle} doNotRefer': [`${handle}?doNotRefer=x`, 4],
  'GET /api/handles/{handle} pretty': [`${handle}?pretty=x`, 4],
  'POST /api/handles/{handle} handle': ['/api/handles//x', 102],
  'PUT /api/handles/{handle} handle': ['/api/handles//x', 102],
  'PUT /api/handles/{handle} index': [`${handle}?index=x`, 4],
  'PUT /api/handles/{handle} overwrite': [`${handle}?overwrite=x`, 4],
  'PUT /api/handles/{handle} mintNewSuffix': [`${handle}?mintNewSuffix=x`, 4],
  'DELETE /api/handles/{handle} handle': ['/api/handles//x', 102],
  'DELETE /api/handles/{handle} index': [`${handle}?index=-1`, 4],
  'GET /api/handles prefix': ['/api/handles?prefix=88..1', 102],
  'GET /api/handles page': [`${listing}&page=-1`, 4],
  'GET /api/handles pageSize': [`${listing}&pageSize=1.5`, 4],
  'GET /api/handles cursor': [`${listing}&cursor=x`, 4],
  'POST /api/registrations overwrite': ['/api/registrations?overwrite=x', 4],
  'GET /api/registrations prefix': ['/api/registrations?prefix=88..1', 102],
  'GET /api/registrations after': ['/api/registrations?prefix=88.1000&after=88.9%2Fx', 4],
  'GET /{handle} noredirect': ['/88.1000/x?noredirect=x', 4],
  'GET /{handle} auth': ['/88.1000/x?auth=x', 4],
}

/** They take any text, answer with a page, or never look at the handle. */
const withoutWrongValue: readonly string[] = [
  'GET /api/handles/{handle} type',
  'GET /api/handles/{handle} callback',
  'OPTIONS /api/handles/{handle} handle',
  'GET /{handle} handle',
]

let node: MemoryNode
beforeAll(async () => {
  node = await startMemoryNode()
})
afterAll(() => node[Symbol.asyncDispose]())

test.each(Object.entries(wrongValues))('a wrong value of %s is refused', async (name, [target, code]) => {
  const method = name.split(' ', 1)[0] ?? 'GET'
  const contentType = target.startsWith('/api/registrations') ? 'application/x-ndjson' : 'application/json'
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: method === 'PUT' ? '[]' : '{}' }
  const asking = { method, headers: { 'content-type': contentType }, ...body }
  const answer = await node.administer(target, asking)
  expect([answer.status, answer.json().responseCode], answer.text).toEqual([400, code])
})

test('no parameter is declared without a wrong value here', async () => {
  const { paths } = (await node.ask('/openapi.json')).json() as { paths: Paths }
  const declared = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
      parameters.map(({ name }) => `${method.toUpperCase()} ${path} ${name}`),
    ),
  )
  expect(declared.sort()).toEqual([...Object.keys(wrongValues), ...withoutWrongValue].sort())
})

type Paths = Record<string, Record<string, { parameters?: { name: string }[] }>>
