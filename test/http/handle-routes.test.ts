import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Asking } from '../support/ask.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { basic } from '../support/node-process.ts'

const path = '/api/handles/88.1000/Device.1'
const values = [
  { index: 1, type: 'URL', data: 'https://example.org/1' },
  { index: 2, type: 'model', data: 'M1' },
  { index: 3, type: 'model.year', data: '2026' },
  { index: 4, type: 'models', data: 'M1, M2' },
  { index: 5, type: 'NOTE', data: 'for administrators', permissions: '1100' },
  { index: 6, type: 'LOCKED', data: 'for nobody', permissions: '0000' },
]

let node: MemoryNode
beforeEach(async () => {
  node = await startMemoryNode()
  expect((await put(path, values)).status).toBe(201)
})
afterEach(() => node[Symbol.asyncDispose]())

describe('GET chooses values', () => {
  test.each([
    ['everything public without parameters', '', [1, 2, 3, 4]],
    ['one index', '?index=3', [3]],
    ['several indexes, in the order of the record', '?index=3&index=1', [1, 3]],
    ['an index that is not there beside one that is', '?index=1&index=99', [1]],
    ['a type, without regard to case', '?type=url', [1]],
    ['a type with a period at its end: it and what is below it', '?type=model.', [2, 3]],
    ['a type without one: only itself', '?type=model', [2]],
    ['types or indexes', '?type=URL&index=4&type=model', [1, 2, 4]],
    ['nothing that is not public', '?index=5&index=6', []],
  ])('%s', async (_what, query, indexes) => {
    const answer = await node.ask(path + query)
    expect(answer.status).toBe(200)
    expect(answer.json().responseCode).toBe(indexes.length === 0 ? 200 : 1)
    expect(indexesOf(answer.json())).toEqual(indexes)
  })

  test('the parameters cert and doNotRefer are taken and change nothing', async () => {
    const plain = await node.ask(path)
    expect((await node.ask(`${path}?cert=true&doNotRefer`)).text).toBe(plain.text)
  })

  test('publicOnly=false needs authentication, and shows what administrators may read', async () => {
    const anonymous = await node.ask(`${path}?publicOnly=false`)
    expect([anonymous.status, anonymous.json().responseCode]).toEqual([401, 402])
    expect(indexesOf((await node.administer(`${path}?publicOnly=false`)).json())).toEqual([1, 2, 3, 4, 5])
  })

  test('who authenticates sees it without asking, unless publicOnly says otherwise', async () => {
    expect(indexesOf((await node.administer(path)).json())).toEqual([1, 2, 3, 4, 5])
    expect(indexesOf((await node.administer(`${path}?publicOnly`)).json())).toEqual([1, 2, 3, 4])
    const permissions = (await node.administer(`${path}?index=5`)).json().values as { permissions?: string }[]
    expect(permissions[0]?.permissions).toBe('1100')
  })

  test('a stranger who authenticates is not an administrator', async () => {
    const key = { format: 'string', value: 'known to a stranger' }
    await put('/api/handles/88.1000/stranger', [
      { index: 300, type: 'HS_SECKEY', data: key, permissions: '1100' },
    ])
    const authorization = basic('300:88.1000/stranger', 'known to a stranger')
    const refused = await node.ask(path, { authorization })
    expect([refused.status, refused.json().responseCode]).toEqual([403, 400])
    const write = await node.ask(path, { method: 'DELETE', authorization })
    expect([write.status, write.json().responseCode]).toEqual([403, 400])
  })

  test('auth reads past the cache, and what it finds is there for all', async () => {
    expect((await node.ask('/api/handles/88.1000/later')).status).toBe(404)
    await put('/api/handles/88.1000/later', values)
    expect((await node.ask('/api/handles/88.1000/later?auth=true')).status).toBe(200)
    expect((await node.ask('/api/handles/88.1000/later')).status).toBe(200)
  })
})

describe('GET answers in the form that is asked', () => {
  test('pretty indents the same content', async () => {
    const pretty = await node.ask(`${path}?pretty`)
    expect(pretty.text).toBe(`${JSON.stringify((await node.ask(path)).json(), undefined, 2)}\n`)
  })

  test('callback makes it a script, with a name that can be nothing else', async () => {
    const { text: json } = await node.ask(path)
    const script = await node.ask(`${path}?callback=on%20load;alert(1)//$_9`)
    expect(script.text).toBe(`onloadalert1$_9(${json});`)
    expect(script.headers.get('content-type')).toBe('application/javascript;charset=UTF-8')
    expect(script.headers.get('x-content-type-options')).toBe('nosniff')
  })

  test('a callback of nothing but forbidden characters is none', async () => {
    const answer = await node.ask(`${path}?callback=<>`)
    expect(answer.headers.get('content-type')).toBe('application/json;charset=UTF-8')
    expect(answer.json().responseCode).toBe(1)
  })

  test('a callback also wraps what is not there', async () => {
    const answer = await node.ask('/api/handles/88.1000/absent?callback=cb')
    expect([answer.status, answer.text]).toEqual([404, 'cb({"responseCode":100,"handle":"88.1000/absent"});'])
  })

  test('the handle is repeated as it was asked, whatever its spelling when it was registered', async () => {
    for (const spelling of ['88.1000/Device.1', '88.1000/DEVICE.1', '88.1000/device.1']) {
      expect((await node.ask(`/api/handles/${spelling}`)).json().handle).toBe(spelling)
      expect((await node.ask(`/api/handles/${spelling}?index=1`)).json().handle).toBe(spelling)
    }
  })

  test('a plus is no space, further slashes belong to the suffix, and quotes survive', async () => {
    for (const suffix of ['a+b', 'a b', 'a/b//c/', '"quoted" \\ back', '设备 七号', '?&#%', '💡']) {
      const target = `/api/handles/88.1000/${encodeURIComponent(suffix)}`
      expect((await put(target, [])).json().handle).toBe(`88.1000/${suffix}`)
      expect((await node.ask(target)).json()).toEqual({
        responseCode: 200,
        handle: `88.1000/${suffix}`,
        values: [],
      })
    }
    expect((await node.ask('/api/handles/88.1000/a+b')).status).toBe(200)
    expect((await node.ask('/api/handles/88.1000/a/b//c/')).status).toBe(200)
  })

  test('timestamps are in UTC and whole seconds; ttl is seconds or a moment', async () => {
    const target = '/api/handles/88.1000/times'
    await put(target, [
      { index: 1, type: 'T', data: 1, ttl: 60, timestamp: '1999-01-01T00:00:00Z' },
      { index: 2, type: 'T', data: true, ttl: '2030-01-01T02:00:00+02:00' },
    ])
    const data = (value: string) => ({ format: 'string', value })
    const timestamp = new Date(node.clock.nowMs()).toISOString().replace(/\.\d+/, '')
    expect((await node.ask(target)).json().values).toEqual([
      { index: 1, type: 'T', data: data('1'), ttl: 60, timestamp },
      { index: 2, type: 'T', data: data('true'), ttl: '2030-01-01T00:00:00Z', timestamp },
    ])
  })
})

describe('other ways to ask', () => {
  test('HEAD has the headers of GET and no body', async () => {
    for (const target of [path, `${path}?index=1`, '/api/handles/88.1000/absent']) {
      const [get, head] = [await node.ask(target), await node.ask(target, { method: 'HEAD' })]
      expect([head.status, head.text]).toEqual([get.status, ''])
      expect(head.headers.get('content-length')).toBe(String(Buffer.byteLength(get.text)))
      expect(head.headers.get('content-type')).toBe(get.headers.get('content-type'))
    }
  })

  test('OPTIONS says what is allowed', async () => {
    const answer = await node.ask(path, { method: 'OPTIONS' })
    expect([answer.status, answer.text]).toEqual([204, ''])
    const allowed = answer.headers.get('allow')?.split(', ')
    expect(allowed).toEqual(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS'])
  })

  test('POST is GET with its parameters in the body, in the query, or in both', async () => {
    const post = (target: string, body: unknown) => node.ask(target, { method: 'POST', body })
    expect((await post(path, {})).text).toBe((await node.ask(path)).text)
    expect(indexesOf((await post(path, { index: 3 })).json())).toEqual([3])
    expect(indexesOf((await post(path, { index: ['1', 2], type: 'models' })).json())).toEqual([1, 2, 4])
    expect(indexesOf((await post(`${path}?index=1`, { index: 4 })).json())).toEqual([1, 4])
    expect((await post(path, { pretty: true })).text).toContain('\n  "handle"')
    expect((await node.ask(path, { method: 'POST' })).text).toBe((await node.ask(path)).text)
  })

  test('POST creates nothing', async () => {
    const target = '/api/handles/88.1000/posted'
    expect((await node.administer(target, { method: 'POST', body: { values } })).status).toBe(404)
    expect((await node.ask(target)).status).toBe(404)
  })
})

function put(target: string, body: unknown, asking: Asking = {}) {
  return node.administer(target, { method: 'PUT', body, ...asking })
}

function indexesOf(body: Record<string, unknown>): number[] {
  return (body.values as { index: number }[]).map(({ index }) => index)
}
