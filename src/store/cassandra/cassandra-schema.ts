import { type Client, types } from 'cassandra-driver'
import { StartupError } from '../../errors.ts'
import { cassandraError } from './cassandra-errors.ts'

/** How a keyspace is replicated and its tables compacted; decided once, when it is made. */
export type SchemaOptions = {
  readonly keyspace: string
  /** Copies in each data centre; none where the keyspace is there and stays as it is. */
  readonly replication: Readonly<Record<string, number>>
  readonly compaction: CompactionName
  /** Partitions over which the listing of one naming prefix is spread; it cannot be changed later. */
  readonly listingBuckets: number
}

/**
 * `unified` (UCS, Cassandra 5) adapts to load; `leveled` keeps a read to about one table where most requests resolve;
 * `size-tiered` writes least where most requests register.
 */
export const compactions = {
  unified: "{'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L8'}",
  leveled: "{'class': 'LeveledCompactionStrategy'}",
  'size-tiered': "{'class': 'SizeTieredCompactionStrategy'}",
} as const
export type CompactionName = keyof typeof compactions

/** Enough for some hundred million handles under one prefix: a partition of the listing should stay below some million. */
export const listingBucketsDefault = 64

/** Seconds for which the trace of a deletion is kept: longer than a lost acknowledgement is asked about, shorter than a repair. */
export const deletionTraceSeconds = 86_400

type Step = (options: SchemaOptions) => readonly string[]

/**
 * Each version's statements, in order; a later version adds to what is there. The whole handle is the partition key, so
 * that a resolution reads one partition of one replica set. `registration` and
 * `creation` tell a write that timed out from another's. A coordinator whose replica is silent asks another one after 50 ms at
 * most: right after its start it knows no percentile and would wait for longer than a request may take.
 */
const versions: readonly Step[] = [
  ({ keyspace, compaction }) => [
    `CREATE TABLE IF NOT EXISTS ${keyspace}.records (handle text PRIMARY KEY, record blob, registration uuid,
     creation uuid)
     WITH compaction = ${compactions[compaction]} AND compression = {'class': 'LZ4Compressor', 'chunk_length_in_kb': 4}
     AND gc_grace_seconds = 864000 AND speculative_retry = 'MIN(99p,50ms)'`,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.handles (prefix text, bucket int, handle text, noted int,
     PRIMARY KEY ((prefix, bucket), handle)) WITH compaction = ${compactions[compaction]}
     AND speculative_retry = 'MIN(99p,50ms)'`,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.prefixes (shard int, prefix text, PRIMARY KEY (shard, prefix))`,
    `CREATE TABLE IF NOT EXISTS ${keyspace}.counts (shard int, prefix text, records counter, PRIMARY KEY (shard, prefix))`,
  ],
]

export const schemaVersion = versions.length

/** What a cluster holds under a keyspace. */
export type SchemaStatus = {
  readonly keyspace: string
  /** 0 where there is none. */
  readonly version: number
  readonly replication: Readonly<Record<string, string>>
  readonly listingBuckets: number
}

/** @throws HandleError STORE_UNAVAILABLE */
export async function schemaStatus(client: Client, keyspace: string): Promise<SchemaStatus> {
  try {
    const found = await client.execute(
      'SELECT replication FROM system_schema.keyspaces WHERE keyspace_name = ?',
      [keyspace],
    )
    const row = found.first()
    if (row === null) return { keyspace, version: 0, replication: {}, listingBuckets: 0 }
    const replication = row.get('replication') as Record<string, string>
    const tables = await client.execute(
      'SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name = ?',
      [keyspace, 'schema_versions'],
    )
    if (tables.first() === null) return { keyspace, version: 0, replication, listingBuckets: 0 }
    const versions = await client.execute(`SELECT version, listing_buckets FROM ${keyspace}.schema_versions`)
    const version = Math.max(0, ...versions.rows.map((version) => version.get('version') as number))
    const listingBuckets = Math.max(0, ...versions.rows.map((row) => row.get('listing_buckets') as number))
    return { keyspace, version, replication, listingBuckets }
  } catch (error) {
    throw cassandraError('reading its schema', error)
  }
}

// All nodes have to agree on a table, which takes them longer than a read or a write may.
const patient = { readTimeout: 30_000 }

/** Makes the keyspace where it is missing, then every version above the present one. Safe to repeat. */
export async function upgradeSchema(client: Client, options: SchemaOptions): Promise<SchemaStatus> {
  const { keyspace } = options
  const before = await schemaStatus(client, keyspace)
  refuseNewer(before)
  const replicas = Object.entries(options.replication).map(([centre, copies]) => `'${centre}': ${copies}`)
  try {
    if (replicas.length > 0) {
      const replication = `{'class': 'NetworkTopologyStrategy', ${replicas.join(', ')}}`
      await client.execute(
        `CREATE KEYSPACE IF NOT EXISTS ${keyspace} WITH replication = ${replication}`,
        [],
        patient,
      )
    }
    await client.execute(
      `CREATE TABLE IF NOT EXISTS ${keyspace}.schema_versions (version int PRIMARY KEY, listing_buckets int, applied timestamp)`,
      [],
      patient,
    )
    for (let version = before.version; version < versions.length; version++) {
      for (const statement of versions[version]?.(options) ?? []) await client.execute(statement, [], patient)
      await client.execute(
        `INSERT INTO ${keyspace}.schema_versions (version, listing_buckets, applied) VALUES (?, ?, toTimestamp(now()))`,
        [version + 1, before.listingBuckets || options.listingBuckets],
        { consistency: types.consistencies.quorum },
      )
    }
  } catch (error) {
    throw cassandraError('making its schema', error)
  }
  return schemaStatus(client, keyspace)
}

/** @throws StartupError where a node of this version cannot work with what is there. */
export async function demandSchema(client: Client, keyspace: string): Promise<SchemaStatus> {
  const status = await schemaStatus(client, keyspace)
  refuseNewer(status)
  if (status.version === schemaVersion) return status
  const command = status.version === 0 ? 'erji store init' : 'erji store upgrade'
  throw new StartupError(
    'STORE_SCHEMA_MISSING',
    `keyspace "${keyspace}" has schema version ${status.version}, this version needs ${schemaVersion}: run ${command} first`,
  )
}

function refuseNewer({ keyspace, version }: SchemaStatus): void {
  if (version <= schemaVersion) return
  throw new StartupError(
    'STORE_FORMAT_NEWER',
    `keyspace "${keyspace}" has schema version ${version}; this version reads up to ${schemaVersion}: use the newer erji that made it`,
  )
}
