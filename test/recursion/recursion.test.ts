import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Circuit } from '../../src/recursion/circuit.ts'
import { isNetwork, parseUpstream, referralGuard } from '../../src/recursion/upstream-address.ts'
import { siteValue } from '../support/delegation.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'

/** A site value that says that whatever is asked is answered over HTTP there. */
function siteAt(url: string) {
  const { hostname, port } = new URL(url)
  return siteValue('HS_SITE.PREFIX', [{ address: hostname, protocol: 'HTTP', port: Number(port) }])
}

describe('a recursive node', () => {
  let top: MemoryNode
  let secondary: MemoryNode
  let recursive: MemoryNode

  beforeAll(async () => {
    top = await startMemoryNode({ prefix: '88' })
    secondary = await startMemoryNode({ prefix: '88.1000' })
    recursive = await startRecursive()
    await delegate('88.1000', siteAt(secondary.url))
    await delegate('88.7', siteAt(top.url))
    for (const suffix of ['A', 'B', 'C', 'MANY']) await register(suffix)
  })
  afterAll(async () => {
    for (const node of [recursive, secondary, top]) await node[Symbol.asyncDispose]()
  })

  function startRecursive(settings: Readonly<Record<string, unknown>> = {}): Promise<MemoryNode> {
    return startMemoryNode({
      prefix: '88.999',
      recursive: 'on',
      upstream: top.url,
      recursiveNetworks: '127.0.0.0/8',
      ...settings,
    })
  }

  async function delegate(prefix: string, site: unknown): Promise<void> {
    const details = { enterprise: 'E', contact: 'C' }
    for (const [action, body] of [
      ['apply', details],
      ['approve', {}],
      ['delegate', { values: [site] }],
    ] as const) {
      const answer = await top.administer(`/api/prefixes/${prefix}/${action}`, { method: 'POST', body })
      expect(answer.status, answer.text).toBe(200)
    }
  }

  async function register(suffix: string): Promise<void> {
    const body = [{ index: 1, type: 'URL', data: `https://${suffix}.example/` }]
    const answer = await secondary.administer(`/api/handles/88.1000/${suffix}`, { method: 'PUT', body })
    expect(answer.status).toBe(201)
  }

  const resolve = async (suffix: string, node = recursive) => {
    const answer = await node.ask(`/api/handles/88.1000/${suffix}`)
    return [answer.status, answer.json().responseCode]
  }
  const metric = async (name: string, node = recursive): Promise<number> => {
    const { text } = await node.ask('/metrics')
    return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'gm'))]
      .map(([, value]) => Number(value))
      .reduce((sum, value) => sum + value, 0)
  }

  test('follows a referral to the node that has the record, and answers what that one would', async () => {
    const direct = (await secondary.ask('/api/handles/88.1000/A')).json()
    expect((await recursive.ask('/api/handles/88.1000/A')).json()).toEqual(direct)
    expect(await metric('erji_recursion_referrals_total')).toBeGreaterThan(0)
  })

  test('keeps the answer, and asks nobody for it again', async () => {
    await resolve('B')
    const before = await metric('erji_upstream_requests_total')
    for (let count = 0; count < 5; count++) expect(await resolve('B')).toEqual([200, 1])
    expect(await metric('erji_upstream_requests_total')).toBe(before)
  })

  test('asks for a prefix where the last referral led, and from the top again when that ends', async () => {
    await resolve('A')
    recursive.clock.advanceMs(1)
    const referrals = await metric('erji_recursion_referrals_total')
    expect(await resolve('NEW-1')).toEqual([404, 100])
    expect(await metric('erji_recursion_referrals_total')).toBe(referrals)
    recursive.clock.advanceMs(301_000)
    expect(await resolve('NEW-2')).toEqual([404, 100])
    expect(await metric('erji_recursion_referrals_total')).toBe(referrals + 1)
  })

  test('keeps an absence too', async () => {
    expect(await resolve('NOBODY')).toEqual([404, 100])
    const before = await metric('erji_upstream_requests_total')
    expect(await resolve('NOBODY')).toEqual([404, 100])
    expect(await metric('erji_upstream_requests_total')).toBe(before)
  })

  test('keeps no answer longer than its bound, whatever its ttl', async () => {
    await resolve('C')
    recursive.clock.advanceMs(3_599_000)
    const before = await metric('erji_upstream_requests_total')
    await resolve('C')
    expect(await metric('erji_upstream_requests_total')).toBe(before)
    recursive.clock.advanceMs(2000)
    await resolve('C')
    expect(await metric('erji_upstream_requests_total')).toBeGreaterThan(before)
  })

  test('asks once for many who ask at the same time', async () => {
    const before = await metric('erji_recursion_resolutions_total')
    const answers = await Promise.all(Array.from({ length: 50 }, () => resolve('MANY')))
    expect(answers.every(([status]) => status === 200)).toBe(true)
    expect((await metric('erji_recursion_resolutions_total')) - before).toBe(1)
  })

  test('answers for its own prefix itself, and registers nothing elsewhere', async () => {
    expect((await recursive.ask('/api/handles/88.999/ADMIN')).status).toBe(200)
    const put = await recursive.administer('/api/handles/88.1000/X', { method: 'PUT', body: [] })
    expect(put.json().responseCode).toBe(301)
  })

  test('a referral that leads back is an error, not a walk without end', async () => {
    const answer = await recursive.ask('/api/handles/88.7/X')
    expect([answer.status, answer.json().responseCode]).toEqual([500, 2])
    expect(answer.json().message).toContain('do not end')
  })

  test('a prefix that nobody is responsible for stays that', async () => {
    expect((await recursive.ask('/api/handles/99.1/X')).json().responseCode).toBe(301)
  })

  test('a referral leads only into networks that the operator allows', async () => {
    await using guarded = await startRecursive({ recursiveNetworks: [] })
    const answer = await guarded.ask('/api/handles/88.1000/A')
    expect([answer.status, answer.json().responseCode]).toEqual([503, 3])
    expect(answer.json().message).toContain('leads to 127.0.0.1, which --recursive-networks does not allow')
  })

  test('gives an old answer where the node does not answer any more, for so long; then says that it cannot', async () => {
    await using passing = await startMemoryNode({ prefix: '88.2000' })
    await delegate('88.2000', siteAt(passing.url))
    const put = { method: 'PUT', body: [{ index: 1, type: 'URL', data: 'https://old.example/', ttl: 60 }] }
    await passing.administer('/api/handles/88.2000/OLD', put)
    await using node = await startRecursive({ recursiveStale: '10m', recursiveTimeout: '2s' })
    const ask = async () => (await node.ask('/api/handles/88.2000/OLD')).status
    expect(await ask()).toBe(200)
    await passing[Symbol.asyncDispose]()
    node.clock.advanceMs(61_000)
    expect(await ask()).toBe(200)
    expect(await metric('erji_recursion_stale_total', node)).toBe(1)
    node.clock.advanceMs(11 * 60_000)
    expect(await ask()).toBe(503)
    for (let count = 0; count < 5; count++) await ask()
    const { text } = await node.ask('/metrics')
    expect(text).toMatch(/erji_upstream_circuit_open\{upstream="[^"]+"\} 1/)
    expect(await resolve('A', node)).toEqual([200, 1])
  })
})

test('a circuit opens after failures in a row, lets one through after a while, and closes when that succeeds', () => {
  let nowMs = 0
  const circuit = new Circuit(() => nowMs)
  for (let count = 0; count < 4; count++) circuit.failed()
  circuit.succeeded()
  for (let count = 0; count < 5; count++) {
    expect(circuit.admits()).toBe(true)
    circuit.failed()
  }
  expect([circuit.admits(), circuit.isOpen]).toEqual([false, true])
  nowMs = 5000
  expect([circuit.admits(), circuit.admits()]).toEqual([true, false])
  circuit.failed()
  expect(circuit.admits()).toBe(false)
  nowMs = 10_000
  expect(circuit.admits()).toBe(true)
  circuit.succeeded()
  expect([circuit.admits(), circuit.isOpen]).toEqual([true, false])
})

test('addresses of nodes are read in the ways people write them', () => {
  expect(parseUpstream('hdl+tcp://127.0.0.1:2641')).toEqual({
    protocol: 'hdl+tcp',
    host: '127.0.0.1',
    port: 2641,
  })
  expect(parseUpstream('hdl+udp://[::1]')).toEqual({ protocol: 'hdl+udp', host: '::1', port: 2641 })
  expect(parseUpstream('https://node.example/')).toEqual({
    protocol: 'https',
    host: 'node.example',
    port: 443,
  })
  for (const wrong of ['127.0.0.1', 'ftp://x', 'http://', 'http://a/b'])
    expect(parseUpstream(wrong)).toBeUndefined()
})

test('referrals may lead to public addresses, and into special networks only where that is allowed', () => {
  const guard = referralGuard(['10.1.0.0/16', '::1/128'])
  for (const host of ['8.8.8.8', '2001:db8::1', '10.1.2.3', '::1']) expect(guard(host), host).toBe(true)
  for (const host of ['127.0.0.1', '10.2.0.1', '192.168.1.1', '169.254.169.254', 'fe80::1', 'node.example'])
    expect(guard(host), host).toBe(false)
  expect(['10.0.0.0/8', '::/0'].every(isNetwork)).toBe(true)
  expect(['10.0.0.0', '10.0.0.0/x', 'a/8'].some(isNetwork)).toBe(false)
})
