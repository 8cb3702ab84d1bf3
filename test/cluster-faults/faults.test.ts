import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../../bench/cassandra/cluster.ts'
import type { DrivenPhase } from '../../bench/report/report.ts'
import { cassandraLibrary, hasCassandra } from '../../scripts/install-cassandra.ts'
import { connectCassandra } from '../../src/store/cassandra/cassandra-client.ts'
import { ask } from '../support/ask.ts'
import { BenchPlace } from '../support/bench-process.ts'
import { freePort } from '../support/free-port.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { type ReplicaRows, rowsByReplica } from '../support/replica-rows.ts'
import { storeOptionsFor } from '../support/store-options.ts'
import { until } from '../support/until.ts'

describe.runIf(hasCassandra())('a node over a cluster that breaks', () => {
  let cluster: Cluster
  let place: NodePlace
  let node: NodeProcess
  let authorization: string
  let registrations = 0
  const contacts = () => ({
    store: 'cassandra',
    'cassandra-contact-points': cluster.contactPoints,
    'cassandra-timeout': '3s',
    // Every resolve reads the cluster: a cache would hide what the faults do.
    'cache-staleness': '0s',
  })

  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'erji-cluster-'))
    cluster = await Cluster.start({ library: cassandraLibrary, directory, nodes: 3, network: 7 })
    place = await NodePlace.create()
    const init = [
      'store',
      'init',
      '--replication',
      'dc1:3',
      '--cassandra-contact-points',
      ...cluster.contactPoints,
    ]
    expect(await place.run(init)).toMatchObject({ code: 0, stdout: expect.stringContaining('(current)') })
    node = await place.start(contacts())
    authorization = await place.authorization()
    expect(await register('BASE-1')).toBe(201)
    await using harness = await BenchPlace.create()
    const loaded = await harness.start('load', { ...identifying(), batch: '50', sample: '50' }).ended
    expect([loaded.code, loaded.stderr]).toEqual([0, expect.anything()])
  }, 240_000)
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]()
    await cluster?.close()
  }, 60_000)

  async function register(suffix: string): Promise<number> {
    const { status } = await ask(`${node.url}/api/handles/${testPrefix}/${suffix}?overwrite=false`, {
      method: 'PUT',
      authorization,
      body: [{ index: 1, type: 'URL', data: `https://${suffix}.example/` }],
    })
    return status
  }

  async function resolve(suffix: string): Promise<number> {
    return (await ask(`${node.url}/api/handles/${testPrefix}/${suffix}`)).status
  }

  /** Until nothing is left of the fault before: two of three away at once is another fault than one. */
  async function recovered(): Promise<void> {
    await cluster.whole()
    await until(async () => {
      const { text } = await ask(`${node.url}/metrics`)
      const connected = text.matchAll(/^erji_cassandra_connections\{.*\} ([1-9]\d*)$/gm)
      return [...connected].length === cluster.nodes.length
    })
  }

  /** The harness drives the node at a rate, half resolutions and half registrations, while `fault` happens. */
  async function underLoad(fault: () => Promise<void>): Promise<DrivenPhase> {
    await using harness = await BenchPlace.create()
    const run = harness.start('run', {
      ...identifying(),
      preset: 'register-resolve',
      rate: '60',
      'warm-up': '2',
      duration: '12',
      'read-back': true,
      'skip-calibration': true,
    })
    await run.saw(/register-resolve at/)
    await sleep(4000)
    await fault()
    const { stderr } = await run.ended
    const { report } = await harness.report()
    const phase = report.phases.find(({ kind }) => kind === 'open-loop')
    if (phase?.kind !== 'open-loop') throw new Error(`the harness has driven nothing:\n${stderr}`)
    const seen = phase.operations.map(
      ({ operation, outcome, count, latency }) =>
        `${count} ${operation} ${outcome}, worst ${(latency.maxNs / 1e6).toFixed(0)} ms`,
    )
    const lines = [...seen, ...phase.errorExamples, ...report.verdict.reasons]
    process.stderr.write(`${[expect.getState().currentTestName, ...lines].join('\n  ')}\n`)
    return phase
  }

  function identifying() {
    return {
      target: node.url,
      prefix: testPrefix,
      'secret-file': place.secretFile,
      identifiers: '200',
    } as const
  }

  /** No resolution failed, nothing that was acknowledged is lost, and both were asked for. */
  function expectNothingLost({ operations, acknowledged, wrongExamples }: DrivenPhase): void {
    const resolutions = operations.filter(({ operation }) => operation === 'resolve')
    expect(resolutions.map(({ outcome }) => outcome)).toEqual(['ok'])
    expect(resolutions[0]?.count).toBeGreaterThan(100)
    expect(wrongExamples).toEqual([])
    expect(acknowledged?.checked).toBeGreaterThan(100)
    expect(acknowledged?.lost).toBe(0)
  }

  test('kill -9 of one of three fails no resolve and loses no acknowledged registration; repair makes replicas equal row by row', async () => {
    await recovered()
    // As if it were away for longer than hints are kept: what it misses only a repair brings.
    await Promise.all([1, 2].map((number) => cluster.nodetool(number, ['disablehandoff'])))
    expectNothingLost(await underLoad(() => cluster.kill(3)))
    await Promise.all([1, 2].map((number) => cluster.nodetool(number, ['enablehandoff'])))

    await cluster.restart(3)
    await recovered()
    const before = await replicas()
    expect(before[2]?.records.length).toBeLessThan(before[0]?.records.length ?? 0)
    await cluster.nodetool(3, ['repair', '-full', 'erji'])
    const [one, two, three] = await replicas()
    expect(one?.records.length).toBeGreaterThan(300)
    expect(two).toEqual(one)
    expect(three).toEqual(one)
  }, 240_000)

  async function replicas(): Promise<readonly ReplicaRows[]> {
    const { client } = await connectCassandra({
      ...storeOptionsFor(place.directory).cassandra,
      contactPoints: cluster.contactPoints,
      requestTimeoutMs: 10_000,
    })
    try {
      return await rowsByReplica(cluster, client)
    } finally {
      await client.shutdown()
    }
  }

  test('a node of three that stops answering fails no resolve and loses no acknowledged registration', async () => {
    await recovered()
    const phase = await underLoad(async () => {
      cluster.pause(2)
      await sleep(5000)
      cluster.resume(2)
    })
    expectNothingLost(phase)
  }, 120_000)

  test('with two of three away requests end with 503 in time, and go on by themselves when they are back', async () => {
    await Promise.all([cluster.kill(2), cluster.kill(3)])
    const startMs = performance.now()
    const answer = await ask(`${node.url}/api/handles/${testPrefix}/BASE-1`)
    expect([answer.status, answer.json().responseCode]).toEqual([503, 3])
    expect(performance.now() - startMs).toBeLessThan(20_000)
    expect(await register('NEVER')).toBe(503)
    await until(async () => (await ask(`${node.url}/health/ready`)).status === 503)
    const ready = await ask(`${node.url}/health/ready`)
    expect(ready.text).toContain('a quorum needs 2')
    expect((await ask(`${node.url}/health/live`)).status).toBe(200)
    await Promise.all([cluster.restart(2), cluster.restart(3)])
    await until(async () => (await resolve('BASE-1')) === 200)
    await until(async () => (await register(`BACK-${registrations++}`)) === 201)
    await until(async () => (await ask(`${node.url}/health/ready`)).status === 200)
  }, 240_000)

  test('a node that starts while no cluster answers waits, says so, and serves when it comes', async () => {
    for (const { number } of cluster.nodes) await cluster.kill(number)
    await node.stop()
    const port = await freePort()
    const starting = place.start({ ...contacts(), port: String(port), host: '127.0.0.1' })
    starting.catch(() => undefined)
    const url = `http://127.0.0.1:${port}`
    await until(async () => (await statusOf(`${url}/health/ready`)) === 503)
    expect((await ask(`${url}/health/ready`)).text).toContain('waiting for Cassandra')
    expect(await statusOf(`${url}/health/live`)).toBe(200)
    expect(await statusOf(`${url}/api/handles/${testPrefix}/BASE-1`)).toBe(503)
    await Promise.all(cluster.nodes.map(({ number }) => cluster.restart(number)))
    node = await starting
    await until(async () => (await resolve('BASE-1')) === 200)
  }, 300_000)
})

async function statusOf(url: string): Promise<number> {
  try {
    return (await ask(url)).status
  } catch {
    return 0
  }
}
