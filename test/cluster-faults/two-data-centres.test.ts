import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../../bench/cassandra/cluster.ts'
import { cassandraLibrary, hasCassandra } from '../../scripts/install-cassandra.ts'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { until } from '../support/until.ts'

const stalenessSeconds = 2
/** Homed by a node that agrees within its data centre alone. */
const localPrefix = '88.2001'

/** The layout of `docs/operations.md`: two data centres of two Cassandra nodes, and a node of ours in each. */
describe.runIf(hasCassandra())('nodes in two data centres', () => {
  let cluster: Cluster
  let place: NodePlace
  let first: NodeProcess
  let second: NodeProcess
  let local: NodeProcess

  beforeAll(async () => {
    cluster = await Cluster.start({
      library: cassandraLibrary,
      directory: mkdtempSync(join(tmpdir(), 'erji-cluster-')),
      nodes: 4,
      dataCenterOf: (number) => (number <= 2 ? 'dc1' : 'dc2'),
      network: 5,
      heapMebibytes: 320,
    })
    place = await NodePlace.create()
    const contacts = ['--cassandra-contact-points', ...cluster.contactPointsIn('dc1')]
    const made = await place.run(['store', 'init', '--replication', 'dc1:2,dc2:2', ...contacts])
    expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('replication dc1:2,dc2:2') })
    first = await place.start(flagsIn('dc1'))
    second = await place.start(flagsIn('dc2'))
    local = await place.start({
      ...flagsIn('dc1'),
      'cassandra-serial-consistency': 'local_serial',
      prefix: localPrefix,
    })
  }, 240_000)
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]()
    await cluster?.close()
  }, 60_000)

  function flagsIn(dataCenter: string) {
    return {
      store: 'cassandra',
      'cassandra-contact-points': cluster.contactPointsIn(dataCenter),
      'cassandra-data-center': dataCenter,
      'cache-staleness': `${stalenessSeconds}s`,
    }
  }

  async function register(node: NodeProcess, handle: string, url = 'https://one.example/') {
    return ask(`${node.url}/api/handles/${handle}?overwrite=false`, {
      method: 'PUT',
      authorization: await place.authorization(handle.split('/')[0]),
      body: [{ index: 1, type: 'URL', data: url }],
    })
  }

  async function urlAt(node: NodeProcess, handle: string): Promise<unknown> {
    const answer = await ask(`${node.url}/api/handles/${handle}`)
    if (answer.status !== 200) return answer.status
    const { values } = answer.json() as { values: { data: { value: unknown } }[] }
    return values[0]?.data.value
  }

  test('what one data centre registers the other resolves, an absence that it remembers ended within the staleness', async () => {
    const handle = `${testPrefix}/A`
    expect(await urlAt(second, handle)).toBe(404)
    expect((await register(first, handle)).status).toBe(201)
    const registeredAtMs = performance.now()
    await until(async () => (await urlAt(second, handle)) === 'https://one.example/')
    // A moment more than the bound: the copies of the other data centre are written behind the answer.
    expect((performance.now() - registeredAtMs) / 1000).toBeLessThan(stalenessSeconds + 3)
  }, 120_000)

  test('of registrations that race in both exactly one wins, and both tell the same winner', async () => {
    for (let round = 0; round < 8; round++) {
      const handle = `${testPrefix}/RACE-${round}`
      const urls = Array.from({ length: 4 }, (_, racer) => `https://racer-${racer}.example/`)
      const answers = await Promise.all(
        urls.map((url, racer) => register(racer % 2 === 0 ? first : second, handle, url)),
      )
      const statuses = answers.map(({ status }) => status)
      expect(statuses.toSorted()).toEqual([201, 409, 409, 409])
      const winner = urls[statuses.indexOf(201)]
      for (const node of [first, second]) await until(async () => (await urlAt(node, handle)) === winner)
    }
  }, 120_000)

  test('with one data centre away the other resolves everything; registrations that need both end with 503, and go on by themselves', async () => {
    const known = `${testPrefix}/RACE-0`
    await Promise.all([cluster.kill(3), cluster.kill(4)])
    const refused = await register(first, `${testPrefix}/AWAY`)
    expect([refused.status, refused.json().responseCode]).toEqual([503, 3])
    // Who agrees within the data centre registers all the same, under a prefix that is homed nowhere else.
    expect((await register(local, `${localPrefix}/AWAY`)).status).toBe(201)
    for (let count = 0; count < 50; count++)
      expect((await ask(`${first.url}/api/handles/${known}?auth=true`)).status).toBe(200)
    expect((await ask(`${first.url}/health/ready`)).status).toBe(200)
    await until(async () => (await ask(`${second.url}/health/ready`)).status === 503)
    expect((await ask(`${second.url}/api/handles/${known}?auth=true`)).status).toBe(503)

    await Promise.all([cluster.restart(3), cluster.restart(4)])
    await until(async () => (await ask(`${second.url}/api/handles/${known}?auth=true`)).status === 200)
    await until(async () => (await ask(`${second.url}/health/ready`)).status === 200)
    let attempt = 0
    await until(async () => (await register(first, `${testPrefix}/BACK-${attempt++}`)).status === 201)
    await until(async () => (await register(second, `${testPrefix}/BACK-${attempt++}`)).status === 201)
    await cluster.nodetool(3, ['repair', '-full', 'erji'])
    await until(async () => (await urlAt(second, `${localPrefix}/AWAY`)) === 'https://one.example/')
  }, 240_000)
})
