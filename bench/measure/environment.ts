import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert } from '../../src/support/assert.ts'
import type { Environment } from '../report/report.ts'

/** The machine, the runtime and the harness that produce a result. */
export function collectEnvironment(): Environment {
  const packageDirectory = findPackageDirectory(dirname(fileURLToPath(import.meta.url)))
  const processors = cpus()
  const commit = commitOf(packageDirectory)
  return {
    cpuModel: processors[0]?.model.trim() ?? 'unknown',
    logicalCores: processors.length,
    memoryBytes: totalmem(),
    kernel: `${type()} ${release()}`,
    runtime: `Node.js ${process.version}`,
    ...(commit === undefined ? {} : { commit }),
    harnessVersion: versionOf(packageDirectory),
  }
}

/** Commit checked out in a directory, with `+dirty` when files differ from it; undefined unless it is a work tree's root. */
export function commitOf(directory: string): string | undefined {
  const root = git(directory, ['rev-parse', '--show-toplevel'])
  // An installed package may lie inside somebody else's checkout, whose commit says nothing about it.
  if (root === undefined || realpathSync(root) !== realpathSync(directory)) return undefined
  const commit = git(directory, ['rev-parse', 'HEAD'])
  if (commit === undefined) return undefined
  const changes = git(directory, ['status', '--porcelain'])
  return changes === '' ? commit : `${commit}+dirty`
}

function git(directory: string, parameters: readonly string[]): string | undefined {
  try {
    return execFileSync('git', parameters, {
      cwd: directory,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}

function findPackageDirectory(start: string): string {
  let directory = start
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory)
    assert(parent !== directory, 'the harness lies inside its package')
    directory = parent
  }
  return directory
}

function versionOf(packageDirectory: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageDirectory, 'package.json'), 'utf8'))
  assert(typeof manifest === 'object' && manifest !== null, 'package.json holds an object')
  assert('version' in manifest && typeof manifest.version === 'string', 'package.json names a version')
  return manifest.version
}
