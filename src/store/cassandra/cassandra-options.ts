/** How a node reaches its Cassandra cluster, and what it asks of it; every default is in `config.ts`. */
export type CassandraOptions = {
  /** `host:port` of some nodes; the driver finds the others. */
  readonly contactPoints: readonly string[]
  readonly dataCenter: string
  readonly keyspace: string
  readonly consistency: CassandraConsistency
  /** How long one request may take, all its tries together, in milliseconds. */
  readonly requestTimeoutMs: number
  /** After so many milliseconds without an answer a read is asked of another replica too. */
  readonly speculativeDelayMs: number
  /** Conditional writes of one commit under way at a time. */
  readonly writesInFlightMax: number
  readonly user: string | undefined
  readonly passwordFile: string | undefined
  /** Certificate authority that signed the cluster's certificates, in PEM; TLS is used exactly when it is given. */
  readonly tlsAuthorityFile: string | undefined
}

/** Consistency levels that keep a read behind an acknowledged write: both by a majority, of one data centre or of all. */
export const cassandraConsistencies = ['local_quorum', 'quorum', 'each_quorum'] as const
export type CassandraConsistency = (typeof cassandraConsistencies)[number]
