import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Answer } from '../support/ask.ts'
import { delegate, siteValue } from '../support/delegation.ts'
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

describe('GET /{handle} of a delegated prefix', () => {
  const http = { address: '192.0.2.7', protocol: 'HTTP', port: 8000 } as const
  const https = { address: '2001:db8:0:0:0:0:0:7', protocol: 'HTTPS', port: 8443 } as const
  const tcp = { address: '192.0.2.7', protocol: 'TCP', port: 2641 } as const
  const ask = (path: string, method = 'GET') => node.ask(path, { method })

  test('sends a browser on to the node that has it, handle and parameters with it', async () => {
    await delegate(node, '88.1000.8', [siteValue('HS_SITE.PREFIX', [tcp, http])])
    for (const method of ['GET', 'HEAD']) {
      const answer = await ask('/88.1000.8/%E8%AE%BE%E5%A4%87/a%3Fb?noredirect&type=URL', method)
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([302, 'no-cache'])
      expect(answer.headers.get('location')).toBe(
        'http://192.0.2.7:8000/88.1000.8/%E8%AE%BE%E5%A4%87/a%3Fb?noredirect&type=URL',
      )
      expect(answer.text !== '').toBe(method === 'GET')
    }
  })

  test('prefers the encrypted way', async () => {
    await delegate(node, '88.1000.8', [siteValue('HS_SITE.PREFIX', [http, https])])
    expect((await ask('/88.1000.8/x')).headers.get('location')).toBe(
      'https://[2001:db8:0:0:0:0:0:7]:8443/88.1000.8/x',
    )
  })

  test('also where a service handle says it is, and where an alias leads', async () => {
    await put('SERVICE', [siteValue('HS_SITE', [http])])
    await put('alias', [{ index: 1, type: 'HS_ALIAS', data: '88.1000.8/real' }])
    await delegate(node, '88.1000.8', [{ index: 1, type: 'HS_SERV', data: '88.1000/SERVICE' }])
    const location = async (path: string) => (await ask(path)).headers.get('location')
    expect(await location('/88.1000.8/x')).toBe('http://192.0.2.7:8000/88.1000.8/x')
    expect(await location('/88.1000/alias')).toBe('http://192.0.2.7:8000/88.1000.8/real')
    const api = await ask('/api/handles/88.1000/alias?followAlias')
    expect([api.status, api.json().responseCode, api.json().handle]).toEqual([300, 302, '88.1000.8/real'])
  })

  test('names the addresses where a browser can ask none of them', async () => {
    await delegate(node, '88.1000.8', [
      siteValue('HS_SITE.PREFIX', [tcp]),
      { index: 2, type: 'HS_SERV.PREFIX', data: '99.1/<UNKNOWN>' },
    ])
    const answer = await ask('/88.1000.8/x')
    expect([answer.status, answer.headers.get('location')]).toEqual([300, null])
    expect(answer.text).toContain('<code>hdl+tcp://192.0.2.7:2641</code>')
    expect(answer.text).toContain('hdl:99.1/&#60;UNKNOWN&#62;')
  })

  test('is a page that is not there with doNotRefer, while suspended, and where nobody is known', async () => {
    await delegate(node, '88.1000.8', [siteValue('HS_SITE.PREFIX', [http])])
    expect((await ask('/88.1000.8/x?doNotRefer')).status).toBe(404)
    expect((await ask('/88.2/x')).status).toBe(404)
    const suspend = { method: 'POST', body: { reason: 'for a reason' } }
    expect((await node.administer('/api/prefixes/88.1000.8/suspend', suspend)).status).toBe(200)
    const answer = await ask('/88.1000.8/x')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html;charset=UTF-8'])
    expect(answer.text).toContain('is suspended at this node')
  })

  test('follows it itself where the node is recursive', async () => {
    await using enterprise = await startMemoryNode({ prefix: '88.1000.8' })
    const body = [{ index: 1, type: 'URL', data: 'https://enterprise.example/' }]
    await enterprise.administer('/api/handles/88.1000.8/x', { method: 'PUT', body })
    await using recursive = await startMemoryNode({
      recursive: 'on',
      upstream: 'http://127.0.0.1:9',
      recursiveNetworks: '127.0.0.0/8',
    })
    const { port } = new URL(enterprise.url)
    const at = { address: '127.0.0.1', protocol: 'HTTP', port: Number(port) } as const
    await delegate(recursive, '88.1000.8', [siteValue('HS_SITE.PREFIX', [at])])
    const answer = await recursive.ask('/88.1000.8/x')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, 'https://enterprise.example/'])
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
