/**
 * Brings what `npm test` needs beyond npm packages, so that it passes on a fresh machine: Python's venv and Chromium
 * through the system's packages where that is possible, then pyhandle. Runs before every test run; does nothing when
 * all of it is there.
 */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { installCassandra } from './install-cassandra.ts'
import { installJavaClient } from './install-java-client.ts'
import { installPyhandle } from './install-pyhandle.ts'
import { installRocks } from './install-rocksdb.ts'

const installSystem = fileURLToPath(new URL('install-system.sh', import.meta.url))

const system = spawnSync('bash', [installSystem], { stdio: ['ignore', 'inherit', 'inherit'] })
// The tests that need a missing tool fail and name it; the others are still worth running.
if (system.status !== 0) console.error('some system packages are missing: the tests that need them will fail')
try {
  installPyhandle()
} catch (error) {
  console.error(`pyhandle could not be installed (${String(error)}): the tests that need it will fail`)
}
try {
  installJavaClient()
} catch (error) {
  console.error(`The reference Java client is NOT here, so no test runs it: ${String(error)}`)
}
try {
  installCassandra()
} catch (error) {
  console.error(`Apache Cassandra is NOT here, so no test of the distributed store runs: ${String(error)}`)
}
try {
  installRocks()
} catch (error) {
  console.error(`RocksDB is NOT here, so it is not held to the contract of stores: ${String(error)}`)
}
