import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../support/ask.ts'
import { cassandraOptions, freshKeyspace, hasCluster } from '../support/cassandra.ts'
import { freePort } from '../support/free-port.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

const stalenessSeconds = 2

describe.runIf(hasCluster())('two nodes over one cluster', () => {
  let keyspace: string
  let place: NodePlace
  let nodes: readonly [NodeProcess, NodeProcess]
  let authorization: string

  beforeAll(async () => {
    keyspace = await freshKeyspace()
    place = await NodePlace.create()
    const first = await place.start(flags())
    nodes = [first, await place.start(flags())]
    authorization = await place.authorization()
  })
  afterAll(() => place[Symbol.asyncDispose]())

  function flags(more: Readonly<Record<string, string | readonly string[]>> = {}) {
    return {
      store: 'cassandra',
      'cassandra-contact-points': cassandraOptions(keyspace).contactPoints,
      'cassandra-keyspace': keyspace,
      'cache-staleness': `${stalenessSeconds}s`,
      ...more,
    }
  }

  const urlOf = (node: NodeProcess, suffix: string, query = ''): string =>
    `${node.url}/api/handles/${testPrefix}/${suffix}${query}`

  async function put(node: NodeProcess, suffix: string, url: string, query = ''): Promise<number> {
    const answer = await ask(urlOf(node, suffix, query), {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify([{ index: 1, type: 'URL', data: url }]),
    })
    return answer.status
  }

  async function urlAt(node: NodeProcess, suffix: string, query = ''): Promise<unknown> {
    const answer = await ask(urlOf(node, suffix, query))
    const { values = [] } = answer.json() as { values?: { data: { value: unknown } }[] }
    return answer.status === 404 ? 'absent' : values[0]?.data.value
  }

  test('what one registers the other resolves', async () => {
    expect(await put(nodes[0], 'A', 'https://a.example/')).toBe(201)
    expect(await urlAt(nodes[1], 'A')).toBe('https://a.example/')
  })

  test('a cached answer is older than the staleness by nothing, an authoritative one is never old', async () => {
    await put(nodes[0], 'STALE', 'https://old.example/')
    expect(await urlAt(nodes[1], 'STALE')).toBe('https://old.example/')
    await put(nodes[0], 'STALE', 'https://new.example/')
    const changedAtMs = performance.now()
    // The node that wrote, and whoever asks past the cache, see it at once; the other node may still have the old one.
    expect(await urlAt(nodes[0], 'STALE')).toBe('https://new.example/')
    expect(await urlAt(nodes[1], 'STALE', '?auth=true')).toBe('https://new.example/')
    await untilAnswered(nodes[1], 'STALE', 'https://new.example/')
    expect((performance.now() - changedAtMs) / 1000).toBeLessThan(stalenessSeconds + 1)
  })

  test('an absence that one remembers ends within the same bound', async () => {
    expect(await urlAt(nodes[1], 'LATER')).toBe('absent')
    await put(nodes[0], 'LATER', 'https://later.example/')
    const registeredAtMs = performance.now()
    await untilAnswered(nodes[1], 'LATER', 'https://later.example/')
    expect((performance.now() - registeredAtMs) / 1000).toBeLessThan(stalenessSeconds + 1)
  })

  test('of registrations that race through both nodes exactly one wins, and both nodes tell the same winner', async () => {
    for (let round = 0; round < 10; round++) {
      const suffix = `RACE-${round}`
      const urls = Array.from({ length: 8 }, (_, racer) => `https://racer-${racer}.example/`)
      const statuses = await Promise.all(
        urls.map((url, racer) => put(nodes[racer % 2 === 0 ? 0 : 1], suffix, url, '?overwrite=false')),
      )
      expect(statuses.filter((status) => status === 201)).toHaveLength(1)
      expect(statuses.filter((status) => status === 409)).toHaveLength(7)
      const winner = urls[statuses.indexOf(201)]
      for (const node of nodes) expect(await urlAt(node, suffix, '?auth=true')).toBe(winner)
    }
  })

  test('nodes that are told of each other see a change in milliseconds; where that is lost the bound holds', async () => {
    const [first, second] = [await freePort(), await freePort()]
    const told = (port: number, peers: readonly string[]) =>
      flags({ 'cache-staleness': '60s', 'invalidation-port': String(port), 'invalidation-peers': peers })
    const one = await place.start(told(first, [`127.0.0.1:${second}`]))
    const two = await place.start(told(second, [`127.0.0.1:${first}`]))
    await put(one, 'TOLD', 'https://old.example/')
    expect(await urlAt(two, 'TOLD')).toBe('https://old.example/')
    await put(one, 'TOLD', 'https://new.example/')
    const changedAtMs = performance.now()
    await untilAnswered(two, 'TOLD', 'https://new.example/')
    // Far below the staleness of a minute, so that nothing but the datagram can have done it.
    expect(performance.now() - changedAtMs).toBeLessThan(5000)
    const metrics = (await ask(`${two.url}/metrics`)).text
    expect(metrics).toMatch(/erji_invalidations_received_total [1-9]/)

    await one.stop()
    // Nobody tells: the third node names no peers.
    const silent = await place.start(flags({ 'cache-staleness': '60s' }))
    const bounded = await place.start(flags())
    expect(await urlAt(bounded, 'TOLD')).toBe('https://new.example/')
    await put(silent, 'TOLD', 'https://newest.example/')
    const toldToNobodyAtMs = performance.now()
    await untilAnswered(bounded, 'TOLD', 'https://newest.example/')
    expect((performance.now() - toldToNobodyAtMs) / 1000).toBeLessThan(stalenessSeconds + 1)
    await Promise.all([two.stop(), silent.stop(), bounded.stop()])
  })

  test('a prefix that one homes the other answers for within the bound', async () => {
    const homing = await place.start(flags({ prefix: [testPrefix, '88.2000'] }))
    const deadlineMs = performance.now() + (stalenessSeconds + 5) * 1000
    let status = 0
    while (status !== 200 && performance.now() < deadlineMs) {
      status = (await ask(`${nodes[0].url}/api/handles/88.2000/ADMIN`)).status
      await sleep(100)
    }
    expect(status).toBe(200)
    await homing.stop()
  })

  test('/metrics tells of the driver: hosts, connections, retries and latency by host', async () => {
    const metrics = (await ask(`${nodes[0].url}/metrics`)).text
    expect(metrics.match(/erji_cassandra_host_up\{host="[^"]+"\} 1/g)).toHaveLength(3)
    for (const name of ['retries_total', 'speculative_executions_total', 'connections', 'requests_in_flight'])
      expect(metrics).toContain(`erji_cassandra_${name}`)
    expect(metrics).toMatch(/erji_cassandra_request_seconds_count\{host="[^"]+"\} [1-9]/)
  })

  async function untilAnswered(node: NodeProcess, suffix: string, url: string): Promise<void> {
    const deadlineMs = performance.now() + 30_000
    while ((await urlAt(node, suffix)) !== url) {
      if (performance.now() > deadlineMs) throw new Error(`${suffix} is still not ${url}`)
      await sleep(20)
    }
  }
})
