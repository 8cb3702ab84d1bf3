import { type Client, types } from 'cassandra-driver'
import type { Cluster } from '../../bench/cassandra/cluster.ts'

/** Everything that a record is made of, of all tables; write times too, which decide between copies that differ. */
const queries = {
  records: 'SELECT handle, record, registration, creation, writetime(record) FROM erji.records',
  handles: 'SELECT prefix, bucket, handle, noted, writetime(noted) FROM erji.handles',
  prefixes: 'SELECT shard, prefix FROM erji.prefixes',
  counts: 'SELECT shard, prefix, records FROM erji.counts',
} as const

/** Rows by table, sorted. */
export type ReplicaRows = Readonly<Record<keyof typeof queries, readonly string[]>>

/**
 * Every row that each node of a cluster holds itself, in the order of the nodes, where every node has a copy of every row. While
 * one is read all others are stopped, so that nobody else can have answered for it.
 */
export async function rowsByReplica(cluster: Cluster, client: Client): Promise<readonly ReplicaRows[]> {
  const found: ReplicaRows[] = []
  for (const { number, address } of cluster.nodes) {
    const others = cluster.nodes.filter((other) => other.number !== number)
    for (const other of others) cluster.pause(other.number)
    try {
      found.push(await rowsAt(client, address))
    } finally {
      for (const other of others) cluster.resume(other.number)
    }
  }
  return found
}

async function rowsAt(client: Client, address: string): Promise<ReplicaRows> {
  const host = client.hosts.values().find((one) => one.address.startsWith(`${address}:`))
  if (host === undefined) throw new Error(`the driver does not know ${address}`)
  // Not prepared: that would be asked of another node, which is stopped.
  const options = { host, consistency: types.consistencies.one, prepare: false, fetchSize: 1000 } as const
  const read = async (query: string): Promise<readonly string[]> => {
    const rows: string[] = []
    let pageState: string | undefined
    do {
      const page = await client.execute(query, [], {
        ...options,
        readTimeout: 30_000,
        ...(pageState === undefined ? {} : { pageState }),
      })
      rows.push(...page.rows.map((row) => JSON.stringify(row.values())))
      pageState = page.pageState
    } while (pageState)
    return rows.sort()
  }
  return {
    records: await read(queries.records),
    handles: await read(queries.handles),
    prefixes: await read(queries.prefixes),
    counts: await read(queries.counts),
  }
}
