import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { basic } from '../support/node-process.ts'

const listing = '/api/handles?prefix=88.1000'
const registered = ['88.1000/a', '88.1000/A/b', '88.1000/ADMIN', '88.1000/b', '88.1000/设备', '88.1000/💡']

describe('the listing of a prefix', () => {
  let node: MemoryNode
  beforeAll(async () => {
    node = await startMemoryNode({ listHandlesMax: 4 })
    for (const handle of registered) {
      if (handle !== '88.1000/ADMIN') {
        await node.administer(`/api/handles/${encodeURIComponent(handle)}`, { method: 'PUT', body: [] })
      }
    }
    expect((await node.administer('/api/handles/0.NA%2F88.10001', { method: 'PUT', body: [] })).status).toBe(
      403,
    )
  })
  afterAll(() => node[Symbol.asyncDispose]())

  test('comes in pages, counted from zero, with the count as text', async () => {
    const first = (await node.administer(`${listing}&page=0&pageSize=4`)).json()
    expect(first).toMatchObject({ responseCode: 1, prefix: '88.1000', totalCount: '6', page: 0, pageSize: 4 })
    expect(first.handles).toEqual(registered.slice(0, 4))
    const second = (await node.administer(`${listing}&page=1&pageSize=4`)).json()
    expect(second.handles).toEqual(registered.slice(4))
    expect((await node.administer(`${listing}&page=2&pageSize=4`)).json().handles).toEqual([])
  })

  test('is capped without paging, and its cursor continues it to the end', async () => {
    const first = (await node.administer(listing)).json()
    expect(first).toEqual({
      responseCode: 1,
      prefix: '88.1000',
      totalCount: '6',
      handles: registered.slice(0, 4),
      cursor: first.cursor,
    })
    const rest = (await node.administer(`${listing}&cursor=${first.cursor}`)).json()
    expect(rest.handles).toEqual(registered.slice(4))
    expect(rest).not.toHaveProperty('cursor')
  })

  test('page and pageSize are echoed only when both are given', async () => {
    const sized = (await node.administer(`${listing}&pageSize=2`)).json()
    expect(sized.handles).toEqual(registered.slice(0, 2))
    expect(sized).not.toHaveProperty('pageSize')
    const paged = (await node.administer(`${listing}&page=0`)).json()
    expect(paged).not.toHaveProperty('page')
  })

  test('pageSize=0 asks for the count only', async () => {
    const answer = (await node.administer(`${listing}&page=0&pageSize=0`)).json()
    expect(answer).toEqual({
      responseCode: 1,
      prefix: '88.1000',
      totalCount: '6',
      page: 0,
      pageSize: 0,
      handles: [],
    })
    const alone = (await node.administer(`${listing}&pageSize=0`)).json()
    expect([alone.totalCount, alone.handles]).toEqual(['6', []])
  })

  test('is for administrators who may list', async () => {
    const anonymous = await node.ask(listing)
    expect([anonymous.status, anonymous.json().responseCode]).toEqual([401, 402])
    const secret = [{ index: 300, type: 'HS_SECKEY', data: 's', permissions: '1100' }]
    await node.administer('/api/handles/88.1000/a', { method: 'PUT', body: secret })
    const stranger = await node.ask(listing, { authorization: basic('300:88.1000/a', 's') })
    expect([stranger.status, stranger.json().responseCode]).toEqual([403, 400])
  })
})
