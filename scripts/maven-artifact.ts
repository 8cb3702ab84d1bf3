import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A program of somebody else's that is fetched from Maven Central with all that it needs, and never shipped. */
export type MavenArtifact = {
  readonly group: string
  readonly artifact: string
  readonly version: string
  /** Where the jars go. */
  readonly directory: string
  /** What has to be on the machine, and why. */
  readonly programs: readonly string[]
  readonly purpose: string
}

/** Fetches the jars unless they are there. @throws Error when a program is missing or Maven cannot fetch. */
export function installArtifact(artifact: MavenArtifact): void {
  if (hasArtifact(artifact)) return
  const { directory, programs, version } = artifact
  for (const program of programs) assertInstalled(program, artifact)
  rmSync(directory, { recursive: true, force: true })
  mkdirSync(directory, { recursive: true })
  const project = join(directory, 'pom.xml')
  writeFileSync(project, projectFile(artifact))
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${directory}`]
  execFileSync('mvn', ['-q', '-B', '-f', project, ...goal], { stdio: ['ignore', 'inherit', 'inherit'] })
  // Written last: an installation that was interrupted is made again.
  writeFileSync(markerOf(artifact), `${version}\n`)
}

/** Whether it was fetched whole. */
export function hasArtifact(artifact: MavenArtifact): boolean {
  return existsSync(markerOf(artifact))
}

function markerOf({ directory, version }: MavenArtifact): string {
  return join(directory, `installed-${version}`)
}

function projectFile({ group, artifact, version }: MavenArtifact): string {
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>test</groupId><artifactId>test</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version>
  </dependency></dependencies>
</project>
`
}

function assertInstalled(program: string, { purpose }: MavenArtifact): void {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' })
  } catch (cause) {
    throw new Error(`${program} is not installed: ${purpose}`, { cause })
  }
}
