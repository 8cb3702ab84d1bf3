import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../../bench/cassandra/cluster.ts'
import { cassandraLibrary, hasCassandra } from '../../scripts/install-cassandra.ts'
import { ask } from '../support/ask.ts'
import { freePort } from '../support/free-port.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'

/** What clients saw while something was broken. */
type Seen = {
  readonly resolved: number
  readonly failedResolves: string[]
  readonly registered: string[]
  readonly failedRegistrations: number
  readonly worstResolveMs: number
}

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
    for (let count = 0; count < 50; count++) await register(`BASE-${count}`)
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

  /** Resolves and registers all the time while `fault` happens. */
  async function underLoad(fault: () => Promise<void>): Promise<Seen> {
    const seen = {
      resolved: 0,
      failedResolves: [] as string[],
      registered: [] as string[],
      failedRegistrations: 0,
    }
    let worstResolveMs = 0
    let isOver = false
    const resolver = async (offset: number): Promise<void> => {
      for (let count = offset; !isOver; count++) {
        const startMs = performance.now()
        const status = await resolve(`BASE-${count % 50}`)
        worstResolveMs = Math.max(worstResolveMs, performance.now() - startMs)
        if (status === 200) seen.resolved++
        else seen.failedResolves.push(String(status))
        await sleep(5)
      }
    }
    const registrar = async (): Promise<void> => {
      while (!isOver) {
        const suffix = `LOAD-${registrations++}`
        if ((await register(suffix)) === 201) seen.registered.push(suffix)
        else seen.failedRegistrations++
        await sleep(10)
      }
    }
    const load = Promise.all([resolver(0), resolver(17), resolver(31), registrar(), registrar()])
    await sleep(1000)
    await fault()
    await sleep(2000)
    isOver = true
    await load
    return { ...seen, worstResolveMs }
  }

  async function lostOf(suffixes: readonly string[]): Promise<string[]> {
    const statuses = await Promise.all(suffixes.map(resolve))
    return suffixes.filter((_, place) => statuses[place] !== 200)
  }

  test('kill -9 of one of three fails no resolve and loses no acknowledged registration; repair makes replicas equal', async () => {
    await recovered()
    const seen = await underLoad(async () => {
      await cluster.kill(3)
      await sleep(4000)
    })
    process.stderr.write(
      `kill -9 of one: worst resolve ${seen.worstResolveMs.toFixed(0)} ms, ${seen.resolved} resolved\n`,
    )
    expect(seen.failedResolves).toEqual([])
    expect(seen.resolved).toBeGreaterThan(100)
    expect(seen.registered.length).toBeGreaterThan(10)
    expect(await lostOf(seen.registered)).toEqual([])

    await cluster.restart(3)
    await recovered()
    // What the operator has to run when a node was away: hints alone may leave some rows behind.
    await cluster.nodetool(3, ['repair', '-full', 'erji'])
    await cluster.kill(1)
    // With another node away a quorum needs the one that came back to have everything.
    await until(async () => (await lostOf(seen.registered)).length === 0)
    expect(await lostOf(seen.registered)).toEqual([])
    await cluster.restart(1)
  }, 240_000)

  test('a node of three that stops answering fails no resolve', async () => {
    await recovered()
    const seen = await underLoad(async () => {
      cluster.pause(2)
      await sleep(5000)
      cluster.resume(2)
    })
    process.stderr.write(
      `SIGSTOP of one: worst resolve ${seen.worstResolveMs.toFixed(0)} ms, ${seen.resolved} resolved\n`,
    )
    expect(seen.failedResolves).toEqual([])
    expect(await lostOf(seen.registered)).toEqual([])
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

async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 90_000
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error('did not happen within 90 s')
    await sleep(250)
  }
}
