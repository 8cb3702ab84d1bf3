import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportCommand } from '../../src/cli/export-command.ts'
import { importCommand } from '../../src/cli/import-command.ts'
import { settingNames } from '../../src/settings.ts'
import { NodePlace, type NodeProcess } from '../support/node-process.ts'

let place: NodePlace
beforeAll(async () => {
  place = await NodePlace.create()
})
afterAll(() => place[Symbol.asyncDispose]())

const size = 'expected a size such as 512MiB or 2GiB'
const duration = 'expected a duration such as 500ms, 30s or 2m'
const integer = (least: number, most: number) => `expected an integer from ${least} to ${most}`

/** Every flag of `erji serve` with a value that it does not take and what is said of it. */
const wrongSettings: Readonly<Record<(typeof settingNames)[number], readonly [value: string, said: string]>> =
  {
    data: ['', 'Too small'],
    store: ['papyrus', 'expected one of "level"|"memory"'],
    durability: ['eventually', 'expected one of "sync"|"os"|"none"'],
    prefix: ['88 118', 'expected a prefix such as 88.118'],
    schemePrefix: ['88/118', 'expected a prefix such as 88.118'],
    adminSecretFile: ['', 'Too small'],
    host: ['', 'Too small'],
    port: ['65536', integer(0, 65_535)],
    wirePort: ['65536', integer(0, 65_535)],
    wireConnectionsMax: ['0', integer(1, 1_000_000)],
    wireIdleTimeout: ['never', duration],
    wireInFlightMax: ['0', integer(1, 100_000)],
    wireMessageBytesMax: ['262145', integer(64, 262_144)],
    workers: ['0', integer(1, 256)],
    cacheBytes: ['much', size],
    cacheNegativeBytes: ['-1', size],
    cacheNegativeTtl: ['soon', duration],
    cacheEntriesMax: ['0', integer(1, 1_000_000_000)],
    cachePolicy: ['fastest', 'expected one of fifo, lru, clock'],
    cacheMemory: ['disk', 'expected one of "heap"|"slab"'],
    hugePages: ['on', 'expected one of "auto"|"off"'],
    storeWriteBufferBytes: ['1XB', size],
    storeBlockCacheBytes: ['', size],
    storeReserveBytes: ['1e9', size],
    handleBytesMax: ['2049', integer(8, 2048)],
    handleCharactersMax: ['7', integer(8, 2048)],
    bodyBytesMax: ['2 MiBs', size],
    headerBytesMax: ['NaN', size],
    requestsInFlightMax: ['1.5', integer(1, 1_000_000)],
    requestTimeout: ['1y', duration],
    keepAliveTimeout: ['-1s', duration],
    shutdownTimeout: ['never', duration],
    bulkItemsMax: ['many', integer(1, 100_000_000)],
    bulkBytesMax: ['all', size],
    listHandlesMax: ['', integer(1, 1_000_000)],
    hotLane: ['yes', 'expected one of "on"|"off"'],
    accessTrace: ['', 'Too small'],
    accessTraceKeys: ['secret', 'expected one of "hashed"|"plain"'],
    cacheStaleness: ['soon', 'expected a duration such as'],
    cassandraContactPoints: ['localhost', 'expected host:port'],
    cassandraDataCenter: ['', 'Too small'],
    cassandraKeyspace: ['Erji', 'expected a keyspace in lower case'],
    cassandraConsistency: ['one', 'expected one of "local_quorum"|"quorum"'],
    cassandraSerialConsistency: ['one', 'expected one of "serial"|"local_serial"'],
    cassandraTlsCertificate: ['', 'Too small'],
    cassandraTlsKey: ['', 'Too small'],
    cassandraTimeout: ['never', 'expected a duration such as'],
    cassandraSpeculativeDelay: ['never', 'expected a duration such as'],
    cassandraWritesMax: ['0', integer(1, 10_000)],
    cassandraUser: ['', 'Too small'],
    cassandraPasswordFile: ['', 'Too small'],
    cassandraTlsAuthority: ['', 'Too small'],
    invalidationPort: ['65536', integer(1, 65_535)],
    invalidationPeers: ['peer', 'expected host:port'],
    recursive: ['maybe', 'expected one of "on"|"off"'],
    upstream: ['ftp://x', 'expected a node such as'],
    recursiveTimeout: ['never', 'expected a duration such as'],
    recursiveTtlMax: ['never', 'expected a duration such as'],
    recursiveReferralTtl: ['never', 'expected a duration such as'],
    recursiveStale: ['never', 'expected a duration such as'],
    recursiveNetworks: ['10.0.0.0/33', 'expected a network such as'],
    logLevel: ['loud', 'expected one of "fatal"|"error"'],
  }

describe('erji serve', () => {
  test('names every flag that is wrong, its value and what was expected, in one go', async () => {
    const flags = Object.entries(wrongSettings).flatMap(([name, [value]]) => [`--${kebab(name)}=${value}`])
    const { code, stderr, stdout } = await place.run(['serve', ...flags])
    expect([code, stdout]).toEqual([2, ''])
    const lines = stderr.split('\n')
    for (const name of settingNames) {
      const [value, said] = wrongSettings[name]
      const line = lines.find((candidate) => candidate.includes(`--${kebab(name)} is `))
      expect(line, `${name} in:\n${stderr}`).toContain(`--${kebab(name)} is "${value}"; `)
      expect(line).toContain(said)
    }
  })

  test('names what a settings file holds wrongly', async () => {
    const file = join(place.directory, 'settings.json')
    for (const [content, said] of [
      ['{"port": 80000}', `--port is "80000"; ${integer(0, 65_535)}`],
      ['{"prot": 8000}', 'unknown setting "prot"'],
      ['[]', 'it holds no JSON object'],
      ['{', 'cannot be read'],
    ] as const) {
      await writeFile(file, content)
      const { code, stderr } = await place.run(['serve', '--config', file])
      expect(code).toBe(2)
      expect(stderr).toContain(said)
    }
    const { code, stderr } = await place.run(['serve', '--config', `${file}.missing`])
    expect([code, stderr.includes('.missing')]).toEqual([2, true])
  })

  test('knows no other flag', async () => {
    const { code, stderr } = await place.run(['serve', '--speed', 'high'])
    expect([code, stderr]).toEqual([2, expect.stringContaining("unknown option '--speed'")])
  })
})

/** Flags that import and export share, each with a value that it does not take and what is said of it. */
const wrongOfBoth: Readonly<Record<string, readonly [flags: readonly string[], said: string]>> = {
  '--target': [['--target', 'ftp://127.0.0.1'], '--target is "ftp://127.0.0.1"; expected a URL such as'],
  '--user': [['--user', 'ADMIN'], '--user is "ADMIN"; expected index:handle such as 300:88.118/ADMIN'],
  '--admin-secret-file': [['--admin-secret-file', 'no/such/file'], '"no/such/file" cannot be read'],
}

const wrongOfImport: typeof wrongOfBoth = {
  ...wrongOfBoth,
  '--batch': [['--batch', '0'], '--batch is "0"; expected an integer from 1 to 100000'],
  '--concurrency': [['--concurrency', '65'], '--concurrency is "65"; expected an integer from 1 to 64'],
  '--attempts': [['--attempts', 'many'], '--attempts is "many"; expected an integer from 1 to 100'],
  '--rejects': [
    ['--rejects', 'no/such/directory/file'],
    '--rejects "no/such/directory/file" cannot be written',
  ],
  '--offline': [['--offline', 'package.json'], 'data directory "package.json" cannot be used'],
  '--overwrite': [['--overwrite=yes'], "unknown option '--overwrite=yes'"],
}

const wrongOfExport: typeof wrongOfBoth = {
  ...wrongOfBoth,
  '--prefix': [['--prefix', '88..1'], 'expected segments such as 88.118.8'],
  '--after': [['--after', '88.9/x'], 'expected a handle under 88.1000'],
}

describe('erji import and export', () => {
  let node: NodeProcess
  let right: readonly string[]
  beforeAll(async () => {
    await rm(place.secretFile, { force: true })
    node = await place.start({ store: 'memory' })
    const user = ['--user', '300:88.1000/ADMIN', '--admin-secret-file', place.secretFile]
    right = ['--target', node.url, ...user]
    await writeFile(join(place.directory, 'empty.ndjson'), '')
  })

  test.each([
    ['import', importCommand(), wrongOfImport],
    ['export', exportCommand(), wrongOfExport],
  ] as const)('every flag of %s has a wrong value here', (_name, command, wrong) => {
    expect(command.options.map(({ long }) => long ?? '').sort()).toEqual(Object.keys(wrong).sort())
  })

  test.each(Object.entries(wrongOfImport))('import refuses a wrong %s', async (_flag, [flags, said]) => {
    const { code, stderr } = await place.run([
      'import',
      join(place.directory, 'empty.ndjson'),
      ...right,
      ...flags,
    ])
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })

  test.each(Object.entries(wrongOfExport))('export refuses a wrong %s', async (flag, [flags, said]) => {
    const prefix = flag === '--prefix' ? [] : ['--prefix', '88.1000']
    const { code, stderr } = await place.run(['export', ...prefix, ...right, ...flags])
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })

  test('both want a secret', async () => {
    const user = ['--user', '300:88.1000/ADMIN']
    for (const commandLine of [
      ['import', '-'],
      ['export', '--prefix', '88.1000'],
    ]) {
      const { code, stderr } = await place.run([...commandLine, ...user])
      expect([code, stderr]).toEqual([2, expect.stringContaining('the secret is missing; expected --admin-')])
    }
  })

  test('both name a file that they cannot use', async () => {
    const missing = join(place.directory, 'missing', 'records.ndjson')
    for (const commandLine of [
      ['import', missing],
      ['export', missing, '--prefix', '88.1000'],
    ]) {
      const { code, stderr } = await place.run([...commandLine, ...right])
      expect([code, stderr]).toEqual([2, expect.stringContaining(missing)])
    }
  })

  test('both name a node that is not there', async () => {
    const nowhere = ['--target', 'http://127.0.0.1:1', '--attempts', '1']
    const absent = await place.run(['export', '--prefix', '88.1000', ...right, ...nowhere.slice(0, 2)])
    expect([absent.code, absent.stderr]).toEqual([
      2,
      expect.stringContaining('--target http://127.0.0.1:1 cannot be reached'),
    ])
    const record = join(place.directory, 'one.ndjson')
    await writeFile(record, '{"handle":"88.1000/x","values":[]}\n')
    const refused = await place.run(['import', record, ...right, ...nowhere])
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('http://127.0.0.1:1')])
  })

  test.each([
    [['export', '--user', '300:88.1000/ADMIN'], "required option '--prefix <prefix>' not specified"],
    [['import', '-', '--speed'], "unknown option '--speed'"],
    [['import'], "missing required argument 'file'"],
    [['move'], "unknown command 'move'"],
  ])('%j is wrong input', async (commandLine, said) => {
    const { code, stderr } = await place.run(commandLine)
    expect([code, stderr]).toEqual([2, expect.stringContaining(said)])
  })
})

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
