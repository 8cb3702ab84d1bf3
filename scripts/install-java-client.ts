/**
 * Fetches the reference Java client of the Handle protocol, which the scenario tests drive a node with, through Maven
 * into `.java-client`. Its licence allows use and not shipping, so it is no part of the package.
 */
import { fileURLToPath } from 'node:url'
import { hasArtifact, installArtifact, type MavenArtifact } from './maven-artifact.ts'

/** Where the client's jars are. */
export const javaClientDirectory = fileURLToPath(new URL('../.java-client/lib', import.meta.url))

const javaClient: MavenArtifact = {
  group: 'net.handle',
  artifact: 'handle-client',
  version: '9.3.1',
  directory: javaClientDirectory,
  programs: ['javac', 'mvn'],
  purpose: "the Java client's tests need a Java 17 development kit and Maven",
}

/** @throws Error when Java's compiler or Maven is missing, or cannot fetch. */
export function installJavaClient(): void {
  installArtifact(javaClient)
}

/** Whether the client is there to be run. */
export function hasJavaClient(): boolean {
  return hasArtifact(javaClient)
}

if (import.meta.main) installJavaClient()
