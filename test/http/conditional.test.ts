import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

const path = '/api/handles/88.1000/Device.1'

let node: MemoryNode
beforeEach(async () => {
  node = await startMemoryNode()
  await put([{ index: 1, type: 'URL', data: 'https://example.org/1', ttl: 600 }])
})
afterEach(() => node[Symbol.asyncDispose]())

describe('the entity tag of a resolution', () => {
  test('stays while the record does and changes with it', async () => {
    const first = await tagOf(path)
    expect(first).toMatch(/^"[\w-]{27}"$/)
    expect(await tagOf(path)).toBe(first)
    await put([{ index: 1, type: 'URL', data: 'https://example.org/2', ttl: 600 }])
    expect(await tagOf(path)).not.toBe(first)
  })

  test('differs where the bytes differ: another spelling, a selection, another form', async () => {
    const tags = [path, path.toLowerCase(), `${path}?index=7`, `${path}?pretty`, `${path}?callback=f`]
    expect(new Set(await Promise.all(tags.map(tagOf))).size).toBe(tags.length)
  })

  test.each([
    ['the tag', (tag: string) => tag],
    ['one of several', (tag: string) => `"other", ${tag}`],
    ['a tag that a proxy made weak', (tag: string) => `W/${tag}`],
    ['anything', () => '*'],
  ])('is answered with 304 and no body where If-None-Match is %s', async (_what, header) => {
    const tag = await tagOf(path)
    for (const method of ['GET', 'HEAD']) {
      const answer = await node.ask(path, { method, headers: { 'if-none-match': header(tag) } })
      expect([answer.status, answer.text]).toEqual([304, ''])
      expect(answer.headers.get('etag')).toBe(tag)
      expect(answer.headers.get('cache-control')).toBe('max-age=600')
      expect(answer.headers.get('content-type')).toBeNull()
    }
  })

  test('that the client does not have is answered in full', async () => {
    const answer = await node.ask(path, { headers: { 'if-none-match': '"other", "another"' } })
    expect([answer.status, answer.json().responseCode]).toEqual([200, 1])
  })

  test('says nothing about POST, which is not conditional', async () => {
    const answer = await node.ask(path, { method: 'POST', headers: { 'if-none-match': '*' } })
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, null])
    expect(answer.headers.get('cache-control')).toBe('no-store')
  })
})

describe('Cache-Control of a resolution', () => {
  test('is the shortest ttl of the record, for everyone alike', async () => {
    const answer = await node.ask(path)
    expect(answer.headers.get('cache-control')).toBe('max-age=600')
    expect(answer.headers.get('vary')).toBe('authorization')
  })

  test('counts down to a moment at which a value ends, in every answer', async () => {
    const ttl = new Date(node.clock.nowMs() + 90_000).toISOString()
    await put([{ index: 1, type: 'URL', data: 'https://example.org/1', ttl }])
    expect(await freshness(path)).toBe('max-age=90')
    node.clock.advanceSeconds(30)
    expect(await freshness(path)).toBe('max-age=60')
    node.clock.advanceSeconds(70)
    expect(await freshness(path)).toBe('max-age=0')
  })

  test('is a day at most, whatever the ttl', async () => {
    await put([{ index: 1, type: 'URL', data: 'https://example.org/1', ttl: 100_000_000 }])
    expect(await freshness(path)).toBe('max-age=86400')
  })

  test('keeps what an administrator sees, and what was asked for past the cache, out of caches', async () => {
    const administrator = await node.administer(path)
    expect(administrator.headers.get('cache-control')).toBe('private, no-store')
    expect(await freshness(`${path}?auth=true`)).toBe('private, no-store')
  })

  test('lets a registration be seen at once where there was none', async () => {
    expect(await freshness('/api/handles/88.1000/absent')).toBe('no-cache')
    expect(await freshness('/api/handles/88.1000/absent?pretty')).toBe('no-cache')
  })
})

async function put(values: readonly object[]): Promise<void> {
  expect((await node.administer(path, { method: 'PUT', body: values })).status).toBeLessThan(300)
}

async function tagOf(target: string): Promise<string> {
  return (await node.ask(target)).headers.get('etag') ?? ''
}

async function freshness(target: string): Promise<string | null> {
  return (await node.ask(target)).headers.get('cache-control')
}
