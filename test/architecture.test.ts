import { globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Who may import whom in the node: a part may import those named for it and itself, nothing else. */
const nodeParts: Readonly<Record<string, readonly string[]>> = {
  support: [],
  errors: [],
  identifier: ['errors', 'support'],
  store: ['identifier', 'errors', 'support'],
  cache: ['support'],
  recursion: ['wire/client', 'wire/codec', 'identifier', 'errors', 'support'],
  config: ['cache', 'recursion', 'store', 'identifier', 'errors', 'support'],
  'wire/codec': ['identifier', 'errors', 'support'],
  'wire/client': ['wire/codec', 'identifier', 'errors', 'support'],
  core: [
    'cache',
    'recursion',
    'store',
    'identifier',
    'config',
    'wire/client',
    'wire/codec',
    'errors',
    'support',
  ],
  http: ['core', 'config', 'identifier', 'errors', 'support'],
  wire: ['core', 'wire/codec', 'config', 'identifier', 'errors', 'support'],
  workers: ['http', 'wire', 'core', 'cache', 'store', 'config', 'errors', 'support'],
  cli: ['workers', 'http', 'wire', 'core', 'store', 'identifier', 'config', 'errors', 'support'],
  main: ['cli', 'errors', 'support'],
}

/** Files directly below src/ that form the core between transports and stores. */
const coreFiles = [
  'alias',
  'identify',
  'access-trace',
  'access-trace-secret',
  'authenticator',
  'authority',
  'first-start',
  'homed-prefixes',
  'invalidation',
  'log',
  'native-traffic',
  'node',
  'prefixes',
  'proofs',
  'record-writer',
  'referral',
  'referral-web',
  'registrar',
  'resolved-record',
  'resolved-record-codec',
  'resolver',
  'session-parameters',
  'session-table',
  'sessions',
  'siblings',
  'value-changes',
]

function importsOf(file: string): string[] {
  const source = readFileSync(join(root, file), 'utf8')
  const found = [...source.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) => match[1] ?? '')
  return found.map((specifier) => relative(root, join(root, dirname(file), specifier)))
}

function partOf(file: string): string {
  const [, second = '', third = ''] = file.split('/')
  if (nodeParts[`${second}/${third}`] !== undefined) return `${second}/${third}`
  const name = second.replace(/\.ts$/, '')
  if (name === 'setting-types' || name === 'settings') return 'config'
  return coreFiles.includes(name) ? 'core' : name
}

const nodeFiles = globSync('src/**/*.ts', { cwd: root })
const benchFiles = globSync('bench/**/*.ts', { cwd: root })

test('every file of the node belongs to a part of the import table', () => {
  expect(nodeFiles.length).toBeGreaterThan(30)
  expect(nodeFiles.filter((file) => nodeParts[partOf(file)] === undefined)).toEqual([])
})

test('the node imports only along the table', () => {
  const broken = nodeFiles.flatMap((file) =>
    importsOf(file)
      .filter((imported) => partOf(imported) !== partOf(file))
      .filter(
        (imported) => !imported.startsWith('src/') || !nodeParts[partOf(file)]?.includes(partOf(imported)),
      )
      .map((imported) => `${file} imports ${imported}`),
  )
  expect(broken).toEqual([])
})

/** Measure or simulate the node's own code, or write its store without a node. */
const linkedHarnessFiles =
  /^bench\/(?:cassandra\/|micro\/|scale\/|simulator\/|direct-load\/|commands\/direct-load)/

test('the harness reaches the node over a socket: only micro suites, the simulator, offline loads, the benchmarks of scale and of the cluster link more of it than grammar and tools', () => {
  const broken = benchFiles
    .filter((file) => !linkedHarnessFiles.test(file))
    .flatMap((file) =>
      importsOf(file)
        .filter(
          (imported) =>
            imported.startsWith('src/') &&
            !/^src\/(support|identifier|wire\/codec|wire\/client)\//.test(imported),
        )
        .map((imported) => `${file} imports ${imported}`),
    )
  expect(broken).toEqual([])
})

test('time and chance come in as arguments', () => {
  const offenders = nodeFiles
    .filter((file) => !file.startsWith('src/support/'))
    .filter((file) => /Date\.now\(|Math\.random\(/.test(readFileSync(join(root, file), 'utf8')))
  expect(offenders).toEqual([])
})
