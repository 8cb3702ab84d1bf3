import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connectCassandra } from '../../src/store/cassandra/cassandra-client.ts'
import type { CassandraOptions } from '../../src/store/cassandra/cassandra-options.ts'
import { upgradeSchema } from '../../src/store/cassandra/cassandra-schema.ts'
import { processUsage } from '../measure/process-usage.ts'
import { type NodeProcess, startNode } from '../node/node-process.ts'
import type { Cluster } from './cluster.ts'
import type { Target } from './operations.ts'
import { twoNodesOverThree } from './report.ts'

/** A target with the processes that it consists of. */
export type RunningTarget = Target & {
  /** CPU seconds so far of the nodes and of the cluster below them. */
  usage(): { readonly nodeCpuSeconds: number; readonly clusterCpuSeconds: number }
  stop(): Promise<void>
}

const prefix = '88.118'
const cacheBytes = '256MiB'

/** One node over its own embedded store. */
export async function startEmbedded(directory: string, records: number): Promise<RunningTarget> {
  const node = await start(join(directory, 'embedded'), { store: 'level' })
  return running('embedded', {
    nodes: [node],
    directory: join(directory, 'embedded'),
    records,
    clusterCpu: () => 0,
  })
}

/** Two nodes over the cluster. */
export async function startOverCluster(
  directory: string,
  { cluster, records }: { readonly cluster: Cluster; readonly records: number },
): Promise<RunningTarget> {
  const settings = { store: 'cassandra', 'cassandra-contact-points': cluster.contactPoints[0] ?? '' }
  const home = join(directory, 'distributed')
  const nodes = [await start(home, settings), await start(home, settings)]
  const clusterCpu = () => clusterCpuSeconds(cluster)
  return running(twoNodesOverThree, { nodes, directory: home, records, clusterCpu })
}

/** CPU seconds so far of all its processes. */
export function clusterCpuSeconds(cluster: Cluster): number {
  return cpuSecondsOf(cluster.nodes.map(({ number }) => cluster.pidOf(number)))
}

function cpuSecondsOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (processUsage(pid)?.cpuSeconds ?? 0), 0)
}

/** How this process itself reaches the cluster, with the schema made. */
export async function prepareCluster(cluster: Cluster): Promise<CassandraOptions> {
  const cassandra: CassandraOptions = {
    contactPoints: cluster.contactPoints,
    dataCenter: 'dc1',
    keyspace: 'erji',
    consistency: 'local_quorum',
    serialConsistency: 'serial',
    requestTimeoutMs: 10_000,
    speculativeDelayMs: 100,
    writesInFlightMax: 128,
    user: undefined,
    passwordFile: undefined,
    tlsAuthorityFile: undefined,
    tlsCertificateFile: undefined,
    tlsKeyFile: undefined,
  }
  const { client } = await connectCassandra(cassandra)
  try {
    const choices = {
      keyspace: 'erji',
      replication: { dc1: 3 },
      compaction: 'unified',
      listingBuckets: 64,
    } as const
    await upgradeSchema(client, choices)
  } finally {
    await client.shutdown()
  }
  return cassandra
}

function start(directory: string, settings: Readonly<Record<string, string>>): Promise<NodeProcess> {
  return startNode({
    dataDirectory: join(directory, 'data'),
    secretFile: `${directory}.secret`,
    prefix,
    durability: 'sync',
    cacheBytes,
    nodeWorkers: 1,
    settings,
  })
}

function running(
  name: string,
  of: {
    readonly nodes: readonly NodeProcess[]
    readonly directory: string
    readonly records: number
    readonly clusterCpu: () => number
  },
): RunningTarget {
  const secret = readFileSync(`${of.directory}.secret`, 'utf8').trim()
  return {
    name,
    prefix,
    records: of.records,
    urls: of.nodes.map(({ url }) => url),
    authorization: `Basic ${Buffer.from(`300%3A${prefix}/ADMIN:${secret}`).toString('base64')}`,
    usage: () => ({
      nodeCpuSeconds: cpuSecondsOf(of.nodes.map(({ pid }) => pid)),
      clusterCpuSeconds: of.clusterCpu(),
    }),
    stop: async () => {
      await Promise.all(of.nodes.map((node) => node.stop()))
    },
  }
}
