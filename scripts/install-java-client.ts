/**
 * Fetches the reference Java client of the Handle protocol, which the scenario tests drive a node with, through Maven
 * into `.java-client`. Its licence allows use and not shipping, so it is no part of the package.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Where the client's jars are. */
export const javaClientDirectory = fileURLToPath(new URL('../.java-client/lib', import.meta.url))

/** @throws Error when Java's compiler or Maven is missing, or cannot fetch. */
export function installJavaClient(): void {
  if (existsSync(marker)) return
  for (const program of ['javac', 'mvn']) assertInstalled(program)
  rmSync(javaClientDirectory, { recursive: true, force: true })
  mkdirSync(javaClientDirectory, { recursive: true })
  const project = join(javaClientDirectory, 'pom.xml')
  writeFileSync(project, projectFile)
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${javaClientDirectory}`]
  execFileSync('mvn', ['-q', '-B', '-f', project, ...goal], { stdio: ['ignore', 'inherit', 'inherit'] })
  // Written last: an installation that was interrupted is made again.
  writeFileSync(marker, `${version}\n`)
}

/** Whether the client is there to be run. */
export function hasJavaClient(): boolean {
  return existsSync(marker)
}

const version = '9.3.1'
const marker = join(javaClientDirectory, `installed-${version}`)
const projectFile = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>test</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>net.handle</groupId><artifactId>handle-client</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`

function assertInstalled(program: string): void {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new Error(
      `${program} is not installed: the Java client's tests need a Java 17 development kit and Maven`,
      {
        cause,
      },
    )
  }
}

if (import.meta.main) installJavaClient()
