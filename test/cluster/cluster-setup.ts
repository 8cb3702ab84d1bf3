import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { Cluster } from '../../bench/cassandra/cluster.ts'
import { cassandraLibrary, hasCassandra } from '../../scripts/install-cassandra.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** `host:port` of each node; empty where Java or Maven is missing, which the tests say loudly. */
    cassandraContactPoints: readonly string[]
  }
}

/** One real three-node cluster for all files of the project. */
export async function setup(project: TestProject): Promise<void> {
  if (!hasCassandra()) {
    process.stderr.write(
      '\n*** Cassandra is NOT here (Java 17 or Maven is missing): NO test of the distributed store runs. ***\n',
    )
    project.provide('cassandraContactPoints', [])
    return
  }
  // Another checkout on this machine may run its tests at the same time.
  const network = 20 + (process.pid % 200)
  const directory = mkdtempSync(join(tmpdir(), 'erji-cluster-'))
  cluster = await Cluster.start({ library: cassandraLibrary, directory, nodes: 3, network })
  project.provide('cassandraContactPoints', cluster.contactPoints)
}

export async function teardown(): Promise<void> {
  await cluster?.close()
}

let cluster: Cluster | undefined
