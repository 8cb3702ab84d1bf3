import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from '../support/ask.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { basic } from '../support/node-process.ts'

const path = '/api/handles/88.1000/Machine'
const url = (data: string) => ({ index: 1, type: 'URL', data })
const model = (data: string) => ({ index: 2, type: 'MODEL', data })
const year = (data: string) => ({ index: 3, type: 'YEAR', data })

let node: MemoryNode
beforeEach(async () => {
  node = await startMemoryNode()
})
afterEach(() => node[Symbol.asyncDispose]())

describe('PUT of a record', () => {
  test.each([
    ['an array of values', [url('a'), model('b')], ['a', 'b']],
    ['an object with values', { values: [url('a'), model('b')] }, ['a', 'b']],
    ['an object with values and the handle', { handle: '88.1000/MACHINE', values: [url('a')] }, ['a']],
    ['one value', url('a'), ['a']],
    ['no value at all', [], []],
  ])('takes %s', async (_form, body, data) => {
    expectSuccess(await put(path, body), 201)
    expect(await dataAt(path)).toEqual(data)
  })

  test('answers 201 when it creates and 200 when it replaces, all of it', async () => {
    expectSuccess(await put(path, [url('a'), model('b')]), 201)
    expectSuccess(await put(path, [year('c')]), 200)
    expect(await dataAt(path)).toEqual(['c'])
    expectSuccess(await put(`${path}?overwrite=true`, [url('d')]), 200)
    expectSuccess(await put(`${path}?overwrite`, [url('e')]), 200)
    expect(await dataAt(path)).toEqual(['e'])
  })

  test('with overwrite=false leaves what is there: 409, response code 101', async () => {
    expectSuccess(await put(`${path}?overwrite=false`, [url('a')]), 201)
    const conflict = await put(
      `${path.toUpperCase().replace('/API/HANDLES', '/api/handles')}?overwrite=false`,
      [url('b')],
    )
    expect([conflict.status, conflict.json()]).toEqual([
      409,
      { responseCode: 101, handle: '88.1000/MACHINE' },
    ])
    expect(await dataAt(path)).toEqual(['a'])
  })

  test('a hundred at once with overwrite=false: one succeeds', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, writer) => put(`${path}?overwrite=false`, [url(String(writer))])),
    )
    const winners = answers.flatMap(({ status }, writer) => (status === 201 ? [String(writer)] : []))
    expect(winners).toHaveLength(1)
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(99)
    expect(await dataAt(path)).toEqual(winners)
  })

  test('what was absent a moment ago resolves as soon as it is acknowledged, and changes likewise', async () => {
    expect((await node.ask(path)).status).toBe(404)
    for (const data of ['first', 'second', 'third']) {
      await put(path, [url(data)])
      expect(await dataAt(path)).toEqual([data])
    }
    await remove(path)
    expect((await node.ask(path)).status).toBe(404)
  })
})

describe('PUT of values', () => {
  beforeEach(async () => {
    await put(path, [url('a'), model('b')])
  })

  test('adds with 201 and replaces with 200; the others stay', async () => {
    expectSuccess(await put(`${path}?index=3`, [year('c')]), 201)
    expectSuccess(await put(`${path}?index=2`, { values: [model('B')] }), 200)
    expect(await dataAt(path)).toEqual(['a', 'B', 'c'])
  })

  test('answers 200 when it overwrote one of several', async () => {
    expectSuccess(await put(`${path}?index=3&index=2`, [model('B'), year('C')]), 200)
    expect(await dataAt(path)).toEqual(['a', 'B', 'C'])
  })

  test('index=various takes whatever the body holds', async () => {
    expectSuccess(await put(`${path}?index=various`, [year('c')]), 201)
    expectSuccess(await put(`${path}?index=various`, [url('A'), year('C')]), 200)
    expect(await dataAt(path)).toEqual(['A', 'b', 'C'])
  })

  test.each([
    ['an index that the body lacks', 'index=1&index=2', [url('x')]],
    ['a body that holds more', 'index=1', [url('x'), model('y')]],
    ['another index altogether', 'index=3', [url('x')]],
  ])('%s is a mismatch: 400, response code 4, nothing changed', async (_what, query, body) => {
    const answer = await put(`${path}?${query}`, body)
    expect([answer.status, answer.json().responseCode]).toEqual([400, 4])
    expect(answer.json().message).toMatch(
      /^index names [\d,]+; expected the indexes of the body, which are [\d,]+$/,
    )
    expect(await dataAt(path)).toEqual(['a', 'b'])
  })

  test('with overwrite=false a value that is there is a conflict: 409, response code 201, none is added', async () => {
    const answer = await put(`${path}?index=2&index=3&overwrite=false`, [year('c'), model('B')])
    expect([answer.status, answer.json().responseCode]).toEqual([409, 201])
    expect(answer.json().message).toBe('Index conflict for 2')
    expect(await dataAt(path)).toEqual(['a', 'b'])
    expectSuccess(await put(`${path}?index=3&overwrite=false`, [year('c')]), 201)
  })

  test('to a record that is not there is 404, response code 100', async () => {
    const answer = await put('/api/handles/88.1000/absent?index=1', [url('x')])
    expect([answer.status, answer.json()]).toEqual([404, { responseCode: 100, handle: '88.1000/absent' }])
  })
})

describe('PUT under a new suffix', () => {
  test.each(['88.1000', '88.1000/', '88.1000/lot-7/'])('behind "%s"', async (start) => {
    const answer = await put(`/api/handles/${start}?mintNewSuffix=true`, [url('minted')])
    expect(answer.status).toBe(201)
    const handle = String(answer.json().handle)
    expect(handle).toMatch(
      new RegExp(`^${start.replace(/\/?$/, '/')}[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
    )
    expect(await dataAt(`/api/handles/${handle}`)).toEqual(['minted'])
  })

  test('a different one each time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => put('/api/handles/88.1000/?mintNewSuffix', [])),
    )
    expect(new Set(answers.map((answer) => answer.json().handle)).size).toBe(20)
  })

  test('needs authentication like every write', async () => {
    const answer = await node.ask('/api/handles/88.1000/?mintNewSuffix', { method: 'PUT', body: [] })
    expect([answer.status, answer.json().responseCode]).toEqual([401, 402])
  })
})

describe('DELETE', () => {
  beforeEach(async () => {
    await put(path, [url('a'), model('b'), year('c')])
  })

  test('of a record, once; the answer always carries the handle', async () => {
    expectSuccess(await remove(path), 200)
    const again = await remove(path)
    expect([again.status, again.json()]).toEqual([404, { responseCode: 100, handle: '88.1000/Machine' }])
  })

  test('of values, in any order; those that are not there do not matter beside one that is', async () => {
    expectSuccess(await remove(`${path}?index=3&index=1&index=77`), 200)
    expect(await dataAt(path)).toEqual(['b'])
    const none = await remove(`${path}?index=77`)
    expect([none.status, none.json()]).toEqual([400, { responseCode: 200, handle: '88.1000/Machine' }])
  })

  test('of the last value leaves a record without values', async () => {
    expectSuccess(await remove(`${path}?index=1&index=2&index=3`), 200)
    expect((await node.ask(path)).json()).toEqual({
      responseCode: 200,
      handle: '88.1000/Machine',
      values: [],
    })
  })

  test('of values of a record that is not there is 404', async () => {
    expect((await remove('/api/handles/88.1000/absent?index=1')).status).toBe(404)
  })
})

test.each(['x', 'é', '设', '💡', '设备 7号/'])(
  'a record is found under a suffix of %s however long it is',
  async (text) => {
    for (const bytes of [60, 100, 200, 255, 700, 2048]) {
      const suffix = text.repeat(Math.floor((bytes - '88.1000/'.length) / Buffer.byteLength(text)))
      const target = `/api/handles/88.1000/${encodeURIComponent(suffix)}`
      const body = [{ index: 1, type: 'T', data: suffix }]
      expect((await node.administer(target, { method: 'PUT', body })).status).toBe(201)
      const answer = await node.ask(target)
      expect([answer.status, answer.json().handle]).toEqual([200, `88.1000/${suffix}`])
    }
  },
)

describe('who may write', () => {
  test.each([
    ['nobody', undefined, 'needs no message'],
    ['a wrong secret', basic('300:88.1000/ADMIN', 'wrong'), 'the secret does not match'],
    ['an index without a secret', basic('100:88.1000/ADMIN', 'x'), 'the secret does not match'],
    ['a record that is not there', basic('300:88.1000/NOBODY', 'x'), 'the secret does not match'],
    ['a foreign record', basic('300:88.9/ADMIN', 'x'), 'the secret does not match'],
    ['a user name without an index', basic('88.1000/ADMIN', 'x'), 'the user name is not index:handle'],
    ['another scheme', 'Bearer abc', 'Authorization is not of the form "Basic" and base64'],
  ])('not %s: 401, response code 402, and a challenge', async (_who, authorization, message) => {
    for (const [method, body] of [['PUT', [url('x')]] as const, ['DELETE', undefined] as const]) {
      const answer = await node.ask(path, {
        method,
        ...(authorization === undefined ? {} : { authorization }),
        ...(body === undefined ? {} : { body }),
      })
      expect([answer.status, answer.json().responseCode, answer.json().handle]).toEqual([
        401,
        402,
        '88.1000/Machine',
      ])
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm="handle", Handle sessionId="/)
      expect(answer.json().message ?? 'needs no message').toContain(message)
    }
    expect((await node.ask(path)).status).toBe(404)
  })

  test('the administrator of a record, within the rights that the record gives', async () => {
    const right = (permissions: string) => ({
      index: 100,
      type: 'HS_ADMIN',
      data: { format: 'admin', value: { handle: '88.1000/OWNER', index: '300', permissions } },
    })
    await put('/api/handles/88.1000/OWNER', [
      { index: 300, type: 'HS_SECKEY', data: 'owned', permissions: '1100' },
    ])
    await put(path, [url('a'), right('000010000000')])
    const authorization = basic('300:88.1000/OWNER', 'owned')
    const asOwner = (target: string, method: string, body?: unknown) =>
      node.ask(target, { method, authorization, ...(body === undefined ? {} : { body }) })
    expect((await asOwner(`${path}?index=1`, 'PUT', [url('b')])).status).toBe(403)
    expect((await asOwner(path, 'DELETE')).status).toBe(403)
    await put(`${path}?index=100`, [right('000000010000')])
    expect((await asOwner(`${path}?index=1`, 'PUT', [url('b')])).status).toBe(200)
    expect((await asOwner(`${path}?index=2`, 'PUT', [model('c')])).status).toBe(403)
    expect((await asOwner('/api/handles/88.1000/new', 'PUT', [])).status).toBe(403)
  })

  test('a value without adminWrite is written by nobody', async () => {
    await put(path, [{ ...url('kept'), permissions: '1010' }])
    expect((await put(`${path}?index=1`, [url('x')])).status).toBe(403)
    expect((await remove(`${path}?index=1`)).status).toBe(403)
    expect(await dataAt(path)).toEqual(['kept'])
  })
})

function put(target: string, body: unknown): Promise<Answer> {
  return node.administer(target, { method: 'PUT', body })
}

function remove(target: string): Promise<Answer> {
  return node.administer(target, { method: 'DELETE' })
}

function expectSuccess(answer: Answer, status: number): void {
  expect([answer.status, answer.json()], answer.text).toEqual([
    status,
    { responseCode: 1, handle: answer.json().handle },
  ])
  expect(String(answer.json().handle).toUpperCase()).toBe('88.1000/MACHINE')
}

async function dataAt(target: string): Promise<unknown[]> {
  const { values } = (await node.ask(target)).json()
  return (values as { data: { value: unknown } }[]).map(({ data }) => data.value)
}
