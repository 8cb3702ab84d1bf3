import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseHandle } from '../../src/identifier/handle.ts'
import { encodeRecord } from '../../src/identifier/record-encoding.ts'
import { valuesFromJson } from '../../src/identifier/value-input.ts'
import { encodeState, stateKey } from '../../src/prefixes/prefix-records.ts'
import { type QueryInterface, siteValue } from '../support/delegation.ts'
import { type MemoryNode, startMemoryNode } from '../support/memory-node.ts'
import { startWireNode, textValue, type WireNode } from '../support/wire-node.ts'

let top: WireNode
let secondary: WireNode
const opened: AsyncDisposable[] = []

beforeAll(async () => {
  top = await start({ prefix: '88' })
  secondary = await start({ prefix: '88.1000', host: ['127.0.0.1', '::1'] })
  await secondary.store('88.1000/SHORT', [textValue(1, 'URL', 'http://short')])
  await secondary.store('88.1000/LONG', [textValue(1, 'NOTE', 'n'.repeat(3000))])
})
afterAll(async () => {
  for (const node of opened.reverse()) await node[Symbol.asyncDispose]()
})

async function start(settings: Readonly<Record<string, unknown>>): Promise<WireNode> {
  const node = await startWireNode(settings)
  opened.push(node)
  return node
}

async function recursive(upstream: string | readonly string[], settings = {}): Promise<MemoryNode> {
  const node = await startMemoryNode({
    prefix: '99.1',
    recursive: 'on',
    upstream,
    recursiveNetworks: ['127.0.0.0/8', '::1/128'],
    ...settings,
  })
  opened.push(node)
  return node
}

/** Notes at a node, past all steps, that a prefix is delegated. */
async function delegated(node: WireNode, prefix: string, delegation: readonly unknown[]): Promise<void> {
  const state = {
    prefix,
    state: 'delegated',
    revision: 1,
    enterprise: 'E',
    contact: 'C',
    applicant: '',
  } as const
  const value = encodeState({ ...state, since: '2026-01-01T00:00:00Z', delegation })
  await node.node.store.commit([{ key: stateKey(prefix), value, precondition: { kind: 'none' } }])
}

async function storeJson(node: WireNode, handle: string, values: readonly unknown[]): Promise<void> {
  const value = encodeRecord({ handle, values: valuesFromJson(values, 1) })
  await node.node.store.commit([{ key: parseHandle(handle).key, value, precondition: { kind: 'none' } }])
}

const at = (node: WireNode, protocol: QueryInterface['protocol'], address = '127.0.0.1'): QueryInterface => ({
  address,
  protocol,
  port: node.port,
})

async function ask(node: MemoryNode, handle: string) {
  const answer = await node.ask(`/api/handles/${handle}`)
  const { responseCode, values, message } = answer.json() as {
    responseCode: number
    values?: { data: { value: string } }[]
    message?: string
  }
  return { responseCode, text: values?.[0]?.data.value, message }
}

async function counted(node: MemoryNode, name: string): Promise<number> {
  const { text } = await node.ask('/metrics')
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, 'gm'))]
    .map(([, value]) => Number(value))
    .reduce((sum, value) => sum + value, 0)
}

describe.each([
  ['hdl+tcp', 'TCP', '127.0.0.1'],
  ['hdl+udp', 'UDP', '127.0.0.1'],
  ['hdl+tcp', 'TCP', '::1'],
  ['hdl+udp', 'UDP', '::1'],
] as const)('over %s and a site with %s at %s', (upstreamProtocol, siteProtocol, address) => {
  let node: MemoryNode
  beforeAll(async () => {
    const above = address === '::1' ? await start({ prefix: '88', host: '::1' }) : top
    await delegated(above, '88.1000', [siteValue('HS_SITE.PREFIX', [at(secondary, siteProtocol, address)])])
    const host = address === '::1' ? '[::1]' : address
    node = await recursive(`${upstreamProtocol}://${host}:${above.port}`)
  })

  test('a referral is followed, and answers of more than one packet come whole', async () => {
    expect(await ask(node, '88.1000/SHORT')).toMatchObject({ responseCode: 1, text: 'http://short' })
    expect(await ask(node, '88.1000/LONG')).toMatchObject({ responseCode: 1, text: 'n'.repeat(3000) })
    const { text } = await node.ask('/metrics')
    const host = address === '::1' ? String.raw`\[::1\]` : address
    const name = `${upstreamProtocol.replace('+', String.raw`\+`)}://${host}:${secondary.port}`
    expect(text).toMatch(new RegExp(`erji_upstream_requests_total\\{upstream="${name}"\\} [1-9]`))
  })

  test('an absence is kept, and a prefix of nobody is nobody’s', async () => {
    expect(await ask(node, '88.1000/ABSENT')).toMatchObject({ responseCode: 100 })
    const before = await counted(node, 'erji_upstream_requests_total')
    expect(await ask(node, '88.1000/ABSENT')).toMatchObject({ responseCode: 100 })
    expect(await counted(node, 'erji_upstream_requests_total')).toBe(before)
    expect(await ask(node, '77.1/X')).toMatchObject({ responseCode: 301 })
  })
})

describe('service handles', () => {
  test.each(['HS_SERV', 'HS_SERV.PREFIX'])(
    '%s leads to the servers of the handle that it names',
    async (type) => {
      const above = await start({ prefix: '88' })
      await storeJson(above, '88/SERVICE', [siteValue('HS_SITE', [at(secondary, 'TCP')])])
      await delegated(above, '88.1000', [{ index: 1, type, data: '88/SERVICE' }])
      const node = await recursive(`hdl+tcp://127.0.0.1:${above.port}`)
      expect(await ask(node, '88.1000/SHORT')).toMatchObject({ responseCode: 1, text: 'http://short' })
    },
  )

  test('one that is found only by itself is an error, not a walk without end', async () => {
    const above = await start({ prefix: '88' })
    await delegated(above, '88.1000', [{ index: 1, type: 'HS_SERV', data: '88.1000/SERVICE' }])
    const node = await recursive(`hdl+tcp://127.0.0.1:${above.port}`)
    const answer = await ask(node, '88.1000/SHORT')
    expect(answer).toMatchObject({ responseCode: 2 })
    expect(answer.message).toContain('do not end')
  })
})

test('ten referrals are followed, an eleventh is not', async () => {
  const chain = await Promise.all(Array.from({ length: 11 }, () => start({ prefix: '88' })))
  for (const [place, node] of chain.entries()) {
    const next = chain[place + 1] ?? secondary
    await delegated(node, '88.1000', [siteValue('HS_SITE.PREFIX', [at(next, 'TCP')])])
  }
  const far = await recursive(`hdl+tcp://127.0.0.1:${chain[0]?.port}`)
  const answer = await ask(far, '88.1000/SHORT')
  expect(answer).toMatchObject({ responseCode: 2 })
  expect(answer.message).toContain('more than 10 referrals')
  const near = await recursive(`hdl+tcp://127.0.0.1:${chain[1]?.port}`)
  expect(await ask(near, '88.1000/SHORT')).toMatchObject({ responseCode: 1 })
})

test('a server that is silent costs its time-out at most five times; the next one answers', async () => {
  const silent = createSocket('udp4').bind(0, '127.0.0.1')
  await once(silent, 'listening')
  const upstream = [`hdl+udp://127.0.0.1:${silent.address().port}`, `hdl+tcp://127.0.0.1:${top.port}`]
  const node = await recursive(upstream, { recursiveTimeout: '150ms', recursiveReferralTtl: '0s' })
  for (let count = 0; count < 7; count++)
    expect(await ask(node, `88.1000/${count === 0 ? 'SHORT' : `NONE-${count}`}`)).toMatchObject({
      responseCode: count === 0 ? 1 : 100,
    })
  const { text } = await node.ask('/metrics')
  const labels = `\\{upstream="hdl\\+udp://127.0.0.1:${silent.address().port}"\\}`
  expect(text).toMatch(new RegExp(`erji_upstream_circuit_open${labels} 1`))
  expect(text).toMatch(new RegExp(`erji_upstream_requests_total${labels} 5$`, 'm'))
  silent.close()
})
