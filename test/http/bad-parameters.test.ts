import { afterAll, beforeAll, expect, test } from 'vitest'
import { prefixActions } from '../../src/prefixes/prefix-state.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

type Wrong = readonly [target: string, responseCode: number]

const handle = '/api/handles/88.1000/x'
const sessions = '/api/sessions/this'
const listing = '/api/handles?prefix=88.1000'

/** Every parameter that the OpenAPI document declares, with a wrong value and the response code it gives. */
const wrongValues: Readonly<Record<string, Wrong>> = {
  'GET /api/handles/{handle} handle': ['/api/handles//x', 102],
  'GET /api/handles/{handle} index': [`${handle}?index=0`, 4],
  'GET /api/handles/{handle} auth': [`${handle}?auth=x`, 4],
  'GET /api/handles/{handle} publicOnly': [`${handle}?publicOnly=x`, 4],
  'GET /api/handles/{handle} cert': [`${handle}?cert=x`, 4],
  'GET /api/handles/{handle} doNotRefer': [`${handle}?doNotRefer=x`, 4],
  'GET /api/handles/{handle} followAlias': [`${handle}?followAlias=x`, 4],
  'POST /api/handles/{handle} followAlias': [`${handle}?followAlias=x`, 4],
  'GET /api/handles/{handle} pretty': [`${handle}?pretty=x`, 4],
  'POST /api/handles/{handle} handle': ['/api/handles//x', 102],
  'POST /api/handles/{handle} index': [`${handle}?index=0`, 4],
  'POST /api/handles/{handle} auth': [`${handle}?auth=x`, 4],
  'POST /api/handles/{handle} publicOnly': [`${handle}?publicOnly=x`, 4],
  'POST /api/handles/{handle} cert': [`${handle}?cert=x`, 4],
  'POST /api/handles/{handle} doNotRefer': [`${handle}?doNotRefer=x`, 4],
  'POST /api/handles/{handle} pretty': [`${handle}?pretty=x`, 4],
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
  'GET /api/prefixes state': ['/api/prefixes?state=lost', 4],
  'GET /api/prefixes limit': ['/api/prefixes?limit=0', 4],
  'GET /api/prefixes/{prefix} prefix': ['/api/prefixes/88..1', 102],
  'PUT /api/prefixes/{prefix} prefix': ['/api/prefixes/88..1', 102],
  'GET /api/prefixes/{prefix}/audit prefix': ['/api/prefixes/88..1/audit', 102],
  ...Object.fromEntries(
    prefixActions.map((action): [string, Wrong] => [
      `POST /api/prefixes/{prefix}/${action} prefix`,
      [`/api/prefixes/88..1/${action}`, 102],
    ]),
  ),
  'GET /{handle} noredirect': ['/88.1000/x?noredirect=x', 4],
  'GET /api/identify id': ['/api/identify?id=', 4],
  'GET /{handle} noalias': ['/88.1000/x?noalias=x', 4],
  'GET /{handle} auth': ['/88.1000/x?auth=x', 4],
  'GET /{handle} doNotRefer': ['/88.1000/x?doNotRefer=x', 4],
}

const anyType = 'every text is the name of a type, and one that no value has selects none'
const anyCallback = 'what no name of a function may hold is taken out of it'

/** Declared parameters that no value is wrong for, and why. */
const withoutWrongValue: Readonly<Record<string, string>> = {
  'GET /api/handles/{handle} type': anyType,
  'GET /api/handles/{handle} callback': anyCallback,
  'POST /api/handles/{handle} type': anyType,
  'POST /api/handles/{handle} callback': anyCallback,
  'OPTIONS /api/handles/{handle} handle': 'the methods are those of the route, whatever the handle',
  'GET /api/prefixes after': 'every text is a place in the order of prefixes',
  'GET /{handle} handle': 'it answers with a page, of status 400 or 404',
}

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

test.each([
  ['type', `${handle}?type=${encodeURIComponent('no/such type, 型号')}`, 200],
  ['callback', `${handle}?callback=${encodeURIComponent('</script>;(1)')}`, 200],
  ['the page of a handle without a slash', '/noslash', 400],
  ['the page of a foreign handle', '/88.9/x', 404],
])('%s takes any text', async (_name, target, status) => {
  await node.administer(handle, { method: 'PUT', body: [{ index: 1, type: 'T', data: 'x' }] })
  const answer = await node.ask(target)
  expect(answer.status, answer.text).toBe(status)
  expect(answer.text).not.toContain('<script')
})

test('no parameter is declared without a wrong value here', async () => {
  const { paths } = (await node.ask('/openapi.json')).json() as { paths: Paths }
  const declared = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).flatMap(([method, { parameters = [] }]) =>
      parameters.map(({ name }) => `${method.toUpperCase()} ${path} ${name}`),
    ),
  )
  expect(declared.sort()).toEqual([...Object.keys(wrongValues), ...Object.keys(withoutWrongValue)].sort())
})

const line = `{"handle":"88.1000/y","values":[]}\n`
const [json, ndjson] = ['application/json', 'application/x-ndjson']

/** Headers that routes read, with a wrong value, then the status, the response code and words of the message. */
test.each([
  ['GET', handle, { authorization: 'Bearer x' }, 401, 402, 'Authorization is not of the form "Basic"'],
  ['PUT', handle, { authorization: 'Basic !' }, 401, 402, 'Authorization is not of the form "Basic"'],
  ['DELETE', handle, { authorization: 'Basic eDp4' }, 401, 402, 'user name is not index:handle'],
  ['GET', listing, { authorization: 'Basic' }, 401, 402, 'Authorization is not of the form "Basic"'],
  ['POST', '/api/registrations', { 'content-type': ndjson, authorization: 'x' }, 401, 402, 'Basic'],
  ['GET', '/api/registrations?prefix=88.1000', { authorization: 'Digest x' }, 401, 402, 'Basic'],
  ['PUT', handle, { authorization: 'Handle sessionId="x"' }, 401, 402, 'the session is unknown'],
  ['GET', listing, { authorization: 'Handle' }, 401, 402, 'the session is unknown'],
  ['PUT', sessions, { authorization: 'Handle signature="x"' }, 401, 402, 'the session is unknown'],
  ['PUT', handle, { 'content-type': 'text/plain' }, 400, 4, 'Content-Type is "text/plain"; expected'],
  ['POST', '/api/registrations', { 'content-type': json }, 400, 4, 'expected application/x-ndjson'],
  ['PUT', handle, { 'content-type': json, 'content-encoding': 'gzip' }, 400, 4, 'Content-Encoding is "gzip"'],
  ['POST', handle, { 'content-type': json, 'content-encoding': 'br' }, 400, 4, 'Content-Encoding is "br"'],
  ['POST', '/api/registrations', { 'content-type': ndjson, 'content-encoding': 'zstd' }, 400, 4, '"zstd"'],
])('%s %s with the headers %j is refused', async (method, target, headers, status, code, message) => {
  const hasBody = method === 'PUT' || method === 'POST'
  const asking = { method, headers, ...(hasBody ? { body: target === handle ? '{}' : line } : {}) }
  const answer = await ('authorization' in headers
    ? node.ask(target, asking)
    : node.administer(target, asking))
  expect([answer.status, answer.json().responseCode], answer.text).toEqual([status, code])
  expect(answer.json().message).toContain(message)
})

type Paths = Record<string, Record<string, { parameters?: { name: string }[] }>>
