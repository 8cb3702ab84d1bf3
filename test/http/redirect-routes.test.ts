import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from '../support/ask.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

let node: MemoryNode
beforeEach(async () => {
  node = await startMemoryNode()
})
afterEach(() => node[Symbol.asyncDispose]())

describe('GET /{handle}', () => {
  test('redirects to the first URL value, for as long as its ttl', async () => {
    await put('r', [
      { index: 1, type: 'NOTE', data: 'http://not.example.org' },
      { index: 2, type: 'url', data: 'https://example.org/a?b=c#d', ttl: 60 },
      { index: 3, type: 'URL', data: 'https://example.org/second' },
    ])
    const answer = await node.ask('/88.1000/R')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://example.org/a?b=c#d'])
    expect(answer.headers.get('expires')).toBe(new Date(node.clock.nowMs() + 60_000).toUTCString())
    expect(answer.text).toContain('<a href="https://example.org/a?b=c#d">')
  })

  test('an address with Chinese in it is percent-encoded in Location', async () => {
    await put('cn', [{ index: 1, type: 'URL', data: 'https://例子.example.org/设备' }])
    const location = (await node.ask('/88.1000/cn')).headers.get('location')
    expect(location).toBe('https://xn--fsqu00a.example.org/%E8%AE%BE%E5%A4%87')
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'https://',
    '/relative',
    'https://a\r\nSet-Cookie: b',
  ])('never to %j: the record is shown instead', async (data) => {
    await put('r', [{ index: 1, type: 'URL', data }])
    const answer = await node.ask('/88.1000/r')
    expect([answer.status, answer.headers.get('location'), answer.headers.get('set-cookie')]).toEqual([
      200,
      null,
      null,
    ])
    expect(answer.text).not.toContain('<a href=')
  })

  test('not to a URL that is not public', async () => {
    await put('r', [{ index: 1, type: 'URL', data: 'https://secret.example.org', permissions: '1100' }])
    const answer = await node.ask('/88.1000/r')
    expect(answer.status).toBe(200)
    expect(answer.text).not.toContain('secret.example.org')
  })

  test('shows the record with noredirect, and nothing in it is taken for markup', async () => {
    await put('<b>', [
      { index: 1, type: 'URL', data: 'https://example.org/' },
      { index: 2, type: '<i>', data: '<script>alert("1")</script>' },
    ])
    for (const query of ['noredirect', 'noredirect=true', 'noredirect=yes']) {
      const answer = await node.ask(`/88.1000/%3Cb%3E?${query}`)
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html;charset=UTF-8'])
      expect(answer.text).toContain('<a href="https://example.org/">')
      expect(answer.text).not.toMatch(/<script|<i>|<b>/)
    }
    expect((await node.ask('/88.1000/%3Cb%3E?noredirect=false')).status).toBe(302)
  })

  test('auth reads past the cache', async () => {
    expect((await node.ask('/88.1000/r')).status).toBe(404)
    await put('r', [{ index: 1, type: 'URL', data: 'https://example.org/' }])
    expect((await node.ask('/88.1000/r?auth')).status).toBe(302)
  })

  test('the start page says what the node is', async () => {
    const answer = await node.ask('/')
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('/api/handles/{prefix}/{suffix}')
  })
})

test('GET /api/site describes the node as the client reached it', async () => {
  const { port } = new URL(node.url)
  const { site } = (await node.ask('/api/site')).json() as { site: { servers: unknown[] } }
  expect(site.servers).toEqual([
    {
      serverId: 1,
      address: '127.0.0.1',
      interfaces: [{ query: true, admin: true, protocol: 'HTTP', port: Number(port) }],
    },
  ])
})

async function put(suffix: string, values: readonly unknown[]): Promise<Answer> {
  const answer = await node.administer(`/api/handles/88.1000/${encodeURIComponent(suffix)}`, {
    method: 'PUT',
    body: values,
  })
  expect(answer.status).toBe(201)
  return answer
}
