import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

let node: MemoryNode
beforeAll(async () => {
  node = await startMemoryNode()
  await put('PRODUCT', [{ index: 1, type: 'URL', data: 'https://product.example/' }])
  await put('gtin:09506000134352', [alias('88.1000/MIDDLE')])
  await put('MIDDLE', [alias('88.1000/PRODUCT')])
  await put('LOOP-A', [alias('88.1000/LOOP-B')])
  await put('LOOP-B', [alias('88.1000/loop-a')])
  await put('AWAY', [alias('88.9/ELSEWHERE')])
  for (let link = 0; link < 12; link++) await put(`LONG-${link}`, [alias(`88.1000/LONG-${link + 1}`)])
  const secret = { index: 2, type: 'PRIVATE', data: 'secret', permissions: '1100' }
  await put('GUARDED', [{ index: 1, type: 'URL', data: 'https://guarded.example/' }, secret])
  await put('TO-GUARDED', [alias('88.1000/GUARDED')])
})
afterAll(() => node[Symbol.asyncDispose]())

const alias = (handle: string) => ({ index: 1, type: 'HS_ALIAS', data: handle })

async function put(suffix: string, values: unknown): Promise<void> {
  const target = `/api/handles/88.1000/${encodeURIComponent(suffix)}`
  expect((await node.administer(target, { method: 'PUT', body: values })).status).toBe(201)
}

const identify = async (id: string) => (await node.ask(`/api/identify?id=${encodeURIComponent(id)}`)).json()

describe('aliases', () => {
  const typesOf = async (suffix: string, query = '') => {
    const { values } = (await node.ask(`/api/handles/88.1000/${suffix}${query}`)).json()
    return (values as { type: string }[]).map(({ type }) => type)
  }

  test('are answered as they are, and followed where that is asked for', async () => {
    expect(await typesOf('MIDDLE')).toEqual(['HS_ALIAS'])
    expect(await typesOf('MIDDLE', '?followAlias')).toEqual(['URL'])
    expect(await typesOf('PRODUCT', '?followAlias')).toEqual(['URL'])
  })

  test.each(['LOOP-A', 'LONG-0'])('that do not end (%s) are an error, not a hang', async (suffix) => {
    const answer = await node.ask(`/api/handles/88.1000/${suffix}?followAlias`)
    expect([answer.status, answer.json().responseCode]).toEqual([500, 2])
    expect(answer.json().message).toContain('do not end')
  })

  test('that lead to another node end there', async () => {
    const answer = await node.ask('/api/handles/88.1000/AWAY?followAlias')
    expect(answer.json().responseCode).toBe(301)
  })

  test('are followed by the redirect, unless that is not wanted', async () => {
    const followed = await node.ask('/88.1000/MIDDLE')
    expect([followed.status, followed.headers.get('location')]).toEqual([302, 'https://product.example/'])
    expect((await node.ask('/88.1000/MIDDLE?noalias')).status).toBe(200)
  })

  test('show nobody what only the administrators of their end may read', async () => {
    const { values } = (
      await node.administer('/api/handles/88.1000/TO-GUARDED?followAlias&publicOnly=false')
    ).json()
    expect((values as { type: string }[]).map(({ type }) => type)).toEqual(['URL'])
  })
})

describe('/api/identify', () => {
  test('says what a product code is and where its alias leads', async () => {
    expect(await identify('https://id.gs1.org/01/09506000134352/10/LOT-1')).toEqual({
      responseCode: 1,
      id: 'https://id.gs1.org/01/09506000134352/10/LOT-1',
      scheme: 'GS1',
      canonical: 'gtin:09506000134352;lot=LOT-1',
      parts: { gtin: '09506000134352', lot: 'LOT-1' },
      asked: ['88.1000/gtin:09506000134352;lot=LOT-1', '88.1000/gtin:09506000134352'],
      leadsTo: {
        handle: '88.1000/PRODUCT',
        via: ['88.1000/gtin:09506000134352', '88.1000/MIDDLE'],
        types: ['URL'],
      },
    })
  })

  test('a handle is itself, one of another node leads to nothing here, and what is nothing is told so', async () => {
    expect(await identify('88.1000/PRODUCT')).toMatchObject({
      scheme: 'Handle',
      parts: { prefix: '88.1000', suffix: 'PRODUCT' },
      leadsTo: { handle: '88.1000/PRODUCT', via: [] },
    })
    expect(await identify('88.9/X')).not.toHaveProperty('leadsTo')
    expect(await identify('nothing')).toMatchObject({
      scheme: 'unknown',
      problem: expect.any(String),
      asked: [],
    })
    expect(await identify('09506000134353')).toMatchObject({
      problem: 'the check digit is 3; expected 2',
      asked: [],
    })
  })

  test('an alias that leads to another node, or to a handle without a record, is told with why it ends there', async () => {
    await put('oid:2.999.7', [alias('88.9/ELSEWHERE')])
    await put('oid:2.999.8', [alias('88.1000/NOBODY')])
    expect((await identify('2.999.7')).leadsTo).toEqual({
      handle: '88.9/ELSEWHERE',
      via: ['88.1000/oid:2.999.7'],
      types: [],
      problem: 'prefix "88.9" is not homed at this node',
    })
    expect((await identify('2.999.8')).leadsTo).toMatchObject({
      handle: '88.1000/NOBODY',
      problem: 'it has no record',
    })
  })

  test('a record of another scheme leads to the handle that it is also known as, once', async () => {
    const known = (index: number, name: string) => ({ index, type: 'alsoKnownAs', data: name })
    await put('did:bid:abc', [known(1, 'https://not-a-handle'), known(2, '88.1000/TWIN')])
    await put('TWIN', [known(1, '88.1000/did:bid:abc'), { index: 2, type: 'URL', data: 'https://t/' }])
    expect((await identify('did:bid:abc')).leadsTo).toMatchObject({
      handle: '88.1000/TWIN',
      via: ['88.1000/did:bid:abc'],
      types: ['alsoKnownAs', 'URL'],
    })
  })
})
