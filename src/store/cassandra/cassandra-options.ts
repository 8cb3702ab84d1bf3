/** How a node reaches its Cassandra cluster, and what it asks of it; every default is in `config.ts`. */
export type CassandraOptions = {
  /** `host:port` of some nodes; the driver finds the others. */
  readonly contactPoints: readonly string[]
  readonly dataCenter: string
  readonly keyspace: string
  readonly consistency: CassandraConsistency
  readonly serialConsistency: CassandraSerialConsistency
  /** How long one request may take, all its tries together, in milliseconds. */
  readonly requestTimeoutMs: number
  /** After so many milliseconds without an answer a read is asked of another replica too. */
  readonly speculativeDelayMs: number
  /** Most conditional writes under way at a time. */
  readonly writesInFlightMax: number
  readonly user: string | undefined
  readonly passwordFile: string | undefined
  /** Certificate authority that signed the cluster's certificates, in PEM; TLS is used exactly when it is given. */
  readonly tlsAuthorityFile: string | undefined
  /** The node's own certificate and key in PEM, where the cluster wants to know who connects. */
  readonly tlsCertificateFile: string | undefined
  readonly tlsKeyFile: string | undefined
}

/** Consistency levels that keep a read behind an acknowledged write: both by a majority, of one data centre or of all. */
export const cassandraConsistencies = ['local_quorum', 'quorum', 'each_quorum'] as const
export type CassandraConsistency = (typeof cassandraConsistencies)[number]

/**
 * Who has to agree that a handle is new: a majority of all data centres, or of the node's own, which is faster and lets two
 * data centres give one handle to two owners.
 */
export const cassandraSerialConsistencies = ['serial', 'local_serial'] as const
export type CassandraSerialConsistency = (typeof cassandraSerialConsistencies)[number]
