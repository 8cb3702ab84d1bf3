import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { connectCassandra } from '../../src/store/cassandra/cassandra-client.ts'
import type { CassandraOptions } from '../../src/store/cassandra/cassandra-options.ts'
import { upgradeSchema } from '../../src/store/cassandra/cassandra-schema.ts'

/** How the tests reach the cluster that the project has started. */
export function cassandraOptions(keyspace: string): CassandraOptions {
  return {
    contactPoints: inject('cassandraContactPoints'),
    dataCenter: 'dc1',
    keyspace,
    consistency: 'local_quorum',
    serialConsistency: 'serial',
    requestTimeoutMs: 10_000,
    speculativeDelayMs: 100,
    writesInFlightMax: 64,
    user: undefined,
    passwordFile: undefined,
    tlsAuthorityFile: undefined,
    tlsCertificateFile: undefined,
    tlsKeyFile: undefined,
  }
}

/** Whether there is a cluster; its absence was said when the project started. */
export function hasCluster(): boolean {
  return inject('cassandraContactPoints').length > 0
}

/** Makes a keyspace of three copies that nobody else uses. */
export async function freshKeyspace(): Promise<string> {
  const keyspace = `erji_${randomBytes(6).toString('hex')}`
  const { client } = await connectCassandra(cassandraOptions(keyspace))
  try {
    await upgradeSchema(client, {
      keyspace,
      replication: { dc1: 3 },
      compaction: 'unified',
      listingBuckets: 4,
    })
  } finally {
    await client.shutdown()
  }
  return keyspace
}

/** Empties the tables of a keyspace, which is faster than making another. */
export async function emptyKeyspace(keyspace: string): Promise<void> {
  const { client } = await connectCassandra(cassandraOptions(keyspace))
  try {
    for (const table of ['records', 'handles', 'prefixes', 'counts'])
      await client.execute(`TRUNCATE ${keyspace}.${table}`)
  } finally {
    await client.shutdown()
  }
}
