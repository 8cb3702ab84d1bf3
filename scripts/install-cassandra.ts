/**
 * Fetches Apache Cassandra through Maven into `.cassandra/lib`, so that tests and benchmarks run against a real cluster on
 * this machine. Needs Java 11 or 17 and Maven; no Docker, nothing of the system.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the jars are. */
export const cassandraLibrary = fileURLToPath(new URL('../.cassandra/lib', import.meta.url))

/** @throws Error when Java or Maven is missing, or Maven cannot fetch. */
export function installCassandra(): void {
  if (hasCassandra()) return
  for (const program of ['java', 'mvn']) assertInstalled(program)
  rmSync(cassandraLibrary, { recursive: true, force: true })
  mkdirSync(cassandraLibrary, { recursive: true })
  const project = join(cassandraLibrary, 'pom.xml')
  writeFileSync(project, projectFile)
  const goal = [
    'dependency:copy-dependencies',
    '-DincludeScope=runtime',
    `-DoutputDirectory=${cassandraLibrary}`,
  ]
  execFileSync('mvn', ['-q', '-B', '-f', project, ...goal], { stdio: ['ignore', 'inherit', 'inherit'] })
  // Written last: an installation that was interrupted is made again.
  writeFileSync(marker, `${version}\n`)
}

/** Whether a cluster can be started. */
export function hasCassandra(): boolean {
  return existsSync(marker)
}

const version = '5.0.9'
const marker = join(cassandraLibrary, `installed-${version}`)
const projectFile = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>cassandra</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.apache.cassandra</groupId><artifactId>cassandra-all</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`

function assertInstalled(program: string): void {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new Error(`${program} is not installed: Cassandra needs Java 11 or 17, and Maven fetches it`, {
      cause,
    })
  }
}

if (import.meta.main) installCassandra()
