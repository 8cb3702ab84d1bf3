/**
 * Fetches Apache Cassandra through Maven into `.cassandra/lib`, so that tests and benchmarks run against a real cluster on
 * this machine. Needs Java 11 or 17 and Maven; no Docker, nothing of the system.
 */
import { fileURLToPath } from 'node:url'
import { hasArtifact, installArtifact, type MavenArtifact } from './maven-artifact.ts'

/** Where the jars are. */
export const cassandraLibrary = fileURLToPath(new URL('../.cassandra/lib', import.meta.url))

const cassandra: MavenArtifact = {
  group: 'org.apache.cassandra',
  artifact: 'cassandra-all',
  version: '5.0.9',
  directory: cassandraLibrary,
  programs: ['java', 'mvn'],
  purpose: 'Cassandra needs Java 11 or 17, and Maven fetches it',
}

/** @throws Error when Java or Maven is missing, or Maven cannot fetch. */
export function installCassandra(): void {
  installArtifact(cassandra)
}

/** Whether a cluster can be started. */
export function hasCassandra(): boolean {
  return hasArtifact(cassandra)
}

if (import.meta.main) installCassandra()
