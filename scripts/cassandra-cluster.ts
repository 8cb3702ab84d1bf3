/**
 * A real Cassandra cluster on loopback addresses, to try a node on: `npm run cassandra [-- NODES]`. Runs until Ctrl-C and
 * removes its data then. Tests and benchmarks start their own.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster } from '../bench/cassandra/cluster.ts'
import { cassandraLibrary, installCassandra } from './install-cassandra.ts'

const nodes = Number(process.argv[2] ?? 3)
if (!Number.isInteger(nodes) || nodes < 1 || nodes > 9) {
  console.error(`cassandra: "${process.argv[2]}" is no number of nodes; expected 1 to 9`)
  process.exit(2)
}
installCassandra()
const directory = mkdtempSync(join(tmpdir(), 'erji-cluster-'))
const cluster = await Cluster.start({ library: cassandraLibrary, directory, nodes, network: 9 })
const contacts = cluster.contactPoints.join(' ')
console.log(`${nodes} Cassandra nodes are up, data in ${directory}; Ctrl-C ends them. In another terminal:`)
console.log(
  `  node_modules/.bin/node src/main.ts store init --replication dc1:${Math.min(3, nodes)} --cassandra-contact-points ${contacts}`,
)
console.log(`  npm start -- --store cassandra --cassandra-contact-points ${contacts}`)
await new Promise((resolve) => process.once('SIGINT', resolve).once('SIGTERM', resolve))
await cluster.close()
