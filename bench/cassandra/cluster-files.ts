import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One node of a local cluster, by its number from 1. */
export type ClusterNode = {
  readonly number: number
  readonly address: string
  readonly directory: string
  readonly dataCenter: string
}

export type ClusterPorts = { readonly native: number; readonly storage: number; readonly jmx: number }

/** A keystore (PKCS12) with which nodes speak TLS to their clients. */
export type ClusterSecurity = { readonly keystore: string; readonly password: string }

type ClusterFiles = {
  readonly nodes: readonly ClusterNode[]
  readonly ports: ClusterPorts
  readonly security: ClusterSecurity | undefined
}

/**
 * Writes a node's configuration: small memory, evenly spaced fixed tokens and every node a seed, so that all start at once
 * and none waits for a bootstrap. For tests and measurements on one machine only.
 */
export function writeNodeFiles(node: ClusterNode, cluster: ClusterFiles): void {
  const configuration = join(node.directory, 'conf')
  for (const name of ['conf', 'data', 'logs', 'tmp'])
    mkdirSync(join(node.directory, name), { recursive: true })
  writeFileSync(join(configuration, 'cassandra.yaml'), yaml(node, cluster))
  writeFileSync(
    join(configuration, 'cassandra-rackdc.properties'),
    `dc=${node.dataCenter}\nrack=rack${node.number}\n`,
  )
  writeFileSync(join(configuration, 'logback.xml'), logback(join(node.directory, 'logs', 'system.log')))
  writeFileSync(
    join(configuration, 'logback-tools.xml'),
    '<configuration><root level="OFF"/></configuration>\n',
  )
}

function yaml({ number, address }: ClusterNode, { nodes, ports, security }: ClusterFiles): string {
  const seeds = nodes.map((node) => `${node.address}:${ports.storage}`).join(',')
  const token = -(2n ** 63n) + (BigInt(number - 1) * 2n ** 64n) / BigInt(nodes.length)
  // JSON is YAML.
  const settings = {
    cluster_name: 'erji',
    num_tokens: 1,
    initial_token: String(token),
    auto_bootstrap: false,
    partitioner: 'org.apache.cassandra.dht.Murmur3Partitioner',
    seed_provider: [
      { class_name: 'org.apache.cassandra.locator.SimpleSeedProvider', parameters: [{ seeds }] },
    ],
    endpoint_snitch: 'GossipingPropertyFileSnitch',
    dynamic_snitch: false,
    listen_address: address,
    rpc_address: address,
    storage_port: ports.storage,
    native_transport_port: ports.native,
    commitlog_sync: 'periodic',
    commitlog_sync_period: '1000ms',
    commitlog_segment_size: '16MiB',
    commitlog_total_space: '256MiB',
    memtable_heap_space: '128MiB',
    memtable_offheap_space: '128MiB',
    file_cache_size: '32MiB',
    key_cache_size: '16MiB',
    networking_cache_size: '32MiB',
    hinted_handoff_enabled: true,
    concurrent_reads: 16,
    concurrent_writes: 16,
    concurrent_counter_writes: 4,
    concurrent_compactors: 1,
    // Two round trips for a conditional write instead of four.
    paxos_variant: 'v2',
    cas_contention_timeout: '2000ms',
    auto_snapshot: false,
    ...(security === undefined ? {} : securitySettings(security)),
  }
  return `${JSON.stringify(settings, undefined, 2)}\n`
}

function securitySettings({ keystore, password }: ClusterSecurity) {
  return {
    authenticator: 'PasswordAuthenticator',
    authorizer: 'CassandraAuthorizer',
    client_encryption_options: {
      enabled: true,
      optional: false,
      keystore,
      keystore_password: password,
      store_type: 'PKCS12',
    },
  }
}

function logback(file: string): string {
  return `<configuration>
  <appender name="file" class="ch.qos.logback.core.FileAppender">
    <file>${file}</file><encoder><pattern>%-5level %date{ISO8601} %F:%L - %msg%n</pattern></encoder>
  </appender>
  <root level="INFO"><appender-ref ref="file"/></root>
</configuration>
`
}
