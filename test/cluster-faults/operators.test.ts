import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { Cluster } from '../../bench/cassandra/cluster.ts'
import { cassandraLibrary, hasCassandra } from '../../scripts/install-cassandra.ts'
import { connectCassandra } from '../../src/store/cassandra/cassandra-client.ts'
import { ask } from '../support/ask.ts'
import { NodePlace, type NodeProcess, testPrefix } from '../support/node-process.ts'
import { storeOptionsFor } from '../support/store-options.ts'

const recordCount = 200
const password = 'only-for-this-test'

/** What `docs/operations.md` tells operators to do, on a cluster that wants TLS and a password. */
describe.runIf(hasCassandra())('what operators do', () => {
  let cluster: Cluster
  let place: NodePlace
  let node: NodeProcess
  let files: string
  beforeAll(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'erji-cluster-'))
    place = await NodePlace.create()
    files = place.directory
    const keystore = join(files, 'keystore.p12')
    makeCertificate(keystore, '127.0.6.1')
    writeFileSync(join(files, 'password'), 'cassandra\n', { mode: 0o600 })
    writeFileSync(join(files, 'wrong'), 'another\n', { mode: 0o600 })
    const security = { keystore, password }
    cluster = await Cluster.start({ library: cassandraLibrary, directory, nodes: 1, network: 6, security })
    // Roles are made a moment after the node takes connections.
    for (let attempt = 0; (await init()).code !== 0; attempt++) expect(attempt).toBeLessThan(30)
    node = await place.start({ store: 'cassandra', ...access() })
  }, 240_000)
  afterAll(async () => {
    await place?.[Symbol.asyncDispose]()
    await cluster?.close()
  }, 60_000)

  function access(passwordFile = 'password') {
    return {
      'cassandra-contact-points': cluster.contactPoints,
      'cassandra-user': 'cassandra',
      'cassandra-password-file': join(files, passwordFile),
      'cassandra-tls-authority': join(files, 'authority.pem'),
    }
  }

  function init(passwordFile?: string) {
    const flags = Object.entries(access(passwordFile)).flatMap(([name, value]) => [
      `--${name}`,
      ...[value].flat(),
    ])
    return place.run(['store', 'init', '--replication', 'dc1:1', ...flags])
  }

  const statusOf = async (record: number): Promise<number> =>
    (await ask(`${node.url}/api/handles/${testPrefix}/R${record}?auth=true`)).status

  test('a node speaks TLS and logs in; a wrong password ends its start with the reason', async () => {
    expect((await ask(`${node.url}/api/handles/${testPrefix}/ADMIN`)).status).toBe(200)
    const refused = await init('wrong')
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('the cluster refuses the node'),
    ])
  })

  test('init may be repeated, status tells what is there, upgrade has nothing to do', async () => {
    expect(await init()).toMatchObject({ code: 0, stdout: expect.stringContaining('(current)') })
    const flags = Object.entries(access()).flatMap(([name, value]) => [`--${name}`, ...[value].flat()])
    for (const command of ['status', 'upgrade']) {
      const { code, stdout, stderr } = await place.run(['store', command, ...flags])
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toContain('schema version 1 (current), replication dc1:1')
    }
  })

  test('a snapshot brings back what was lost after it', async () => {
    const authorization = await place.authorization()
    const body = Array.from({ length: recordCount }, (_, record) =>
      JSON.stringify({
        handle: `${testPrefix}/R${record}`,
        values: [{ index: 1, type: 'URL', data: { format: 'string', value: `https://r${record}.example/` } }],
      }),
    ).join('\n')
    const headers = { authorization, 'content-type': 'application/x-ndjson' }
    const answered = await ask(`${node.url}/api/registrations`, { method: 'POST', headers, body })
    expect(answered.text.match(/"created"/g)).toHaveLength(recordCount)
    expect(await statusOf(7)).toBe(200)
    await cluster.nodetool(1, ['snapshot', '--tag', 'before', 'erji'])
    // A snapshot flushes: from now on there is something on the disk.
    for (let attempt = 0; !((await storeBytes()) > 0) && attempt < 150; attempt++) await sleep(200)
    expect(await storeBytes()).toBeGreaterThanOrEqual(2 ** 20)
    expect((await ask(`${node.url}/metrics`)).text).toMatch(/^erji_store_bytes [1-9]\d+$/m)

    await loseEverything()
    expect(await statusOf(7)).not.toBe(200)

    const data = join(cluster.nodes[0]?.directory ?? '', 'data', 'data', 'erji')
    for (const table of readdirSync(data)) {
      // Cassandra takes a directory for a table's by its name alone.
      const copy = join(files, 'restored', table)
      cpSync(join(data, table, 'snapshots', 'before'), copy, { recursive: true })
      await cluster.nodetool(1, ['import', '--copy-data', 'erji', table.split('-')[0] ?? '', copy])
    }
    // The prefix is answered for again when the node has read the homed prefixes anew, within its staleness.
    for (let attempt = 0; (await statusOf(7)) !== 200 && attempt < 150; attempt++) await sleep(200)
    const statuses = await Promise.all(Array.from({ length: recordCount }, (_, record) => statusOf(record)))
    expect(statuses.filter((status) => status === 200)).toHaveLength(recordCount)
  })

  async function storeBytes(): Promise<number> {
    return ((await ask(`${node.url}/api/statistics`)).json() as { storeBytes: number }).storeBytes
  }

  async function loseEverything(): Promise<void> {
    const { client } = await connectCassandra({
      ...storeOptionsFor(files).cassandra,
      contactPoints: cluster.contactPoints,
      user: 'cassandra',
      passwordFile: join(files, 'password'),
      tlsAuthorityFile: join(files, 'authority.pem'),
    })
    for (const table of ['records', 'handles', 'prefixes', 'counts'])
      await client.execute(`TRUNCATE erji.${table}`)
    await client.shutdown()
  }

  /** A certificate for an address, signed by itself, in the form that Java reads and in the one that Node reads. */
  function makeCertificate(keystore: string, address: string): void {
    const store = ['-keystore', keystore, '-storetype', 'PKCS12', '-storepass', password, '-alias', 'node']
    const subject = ['-dname', 'CN=erji test', '-ext', `SAN=IP:${address}`, '-validity', '2']
    execFileSync('keytool', ['-genkeypair', '-keyalg', 'EC', ...store, ...subject], { stdio: 'ignore' })
    const file = join(files, 'authority.pem')
    execFileSync('keytool', ['-exportcert', '-rfc', '-file', file, ...store], { stdio: 'ignore' })
  }
})
