import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { collectEnvironment, commitOf } from '../../../bench/measure/environment.ts'

describe('environment', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'erji-environment-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))

  test('the environment names this machine, this runtime and this package', () => {
    const environment = collectEnvironment()
    const manifest = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'))
    expect(environment.harnessVersion).toBe(manifest.version)
    expect(environment.runtime).toBe(`Node.js ${process.version}`)
    expect(environment.logicalCores).toBeGreaterThan(0)
    expect(environment.memoryBytes).toBeGreaterThan(0)
    expect(environment.kernel).toMatch(/\S+ \S+/)
  })

  test('a clean checkout gives its commit and a changed one adds +dirty', () => {
    const commit = makeCheckout(directory)
    expect(commitOf(directory)).toBe(commit)
    writeFileSync(join(directory, 'changed.txt'), 'new')
    expect(commitOf(directory)).toBe(`${commit}+dirty`)
  })

  test('a folder inside a foreign checkout has no commit', () => {
    makeCheckout(directory)
    const inside = join(directory, 'node_modules', 'erji')
    mkdirSync(inside, { recursive: true })
    expect(commitOf(inside)).toBeUndefined()
  })

  test('a folder outside any checkout has no commit', () => {
    expect(commitOf(directory)).toBeUndefined()
  })
})

function makeCheckout(directory: string): string {
  const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false']
  const git = (...parameters: string[]) =>
    execFileSync('git', [...identity, ...parameters], { cwd: directory, encoding: 'utf8' }).trim()
  git('init', '--quiet')
  writeFileSync(join(directory, 'file.txt'), 'content')
  git('add', '.')
  git('commit', '--quiet', '--no-verify', '-m', 'first')
  return git('rev-parse', 'HEAD')
}
