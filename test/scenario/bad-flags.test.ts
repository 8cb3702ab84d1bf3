import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settingNames } from '../../src/config.ts'
import { NodePlace } from '../support/node-process.ts'

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
    storeWriteBufferBytes: ['1XB', size],
    storeBlockCacheBytes: ['', size],
    storeReserveBytes: ['1e9', size],
    handleBytesMax: ['2049', integer(8, 2048)],
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
    cassandraTimeout: ['never', 'expected a duration such as'],
    cassandraSpeculativeDelay: ['never', 'expected a duration such as'],
    cassandraWritesMax: ['0', integer(1, 10_000)],
    cassandraUser: ['', 'Too small'],
    cassandraPasswordFile: ['', 'Too small'],
    cassandraTlsAuthority: ['', 'Too small'],
    invalidationPort: ['65536', integer(1, 65_535)],
    invalidationPeers: ['peer', 'expected host:port'],
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
    expect(code).not.toBe(0)
    expect(stderr).toContain("unknown option '--speed'")
  })
})

describe('erji import and export', () => {
  const user = ['--user', '300:88.1000/ADMIN']
  const nowhere = ['--target', 'http://127.0.0.1:1']

  test.each([
    ['--target', ['--target', 'somewhere', ...user], '--target is "somewhere"; expected a URL such as'],
    ['--target', ['--target', 'ftp://127.0.0.1', ...user], '--target is "ftp://127.0.0.1"; expected a URL'],
    ['--user', ['--user', 'ADMIN'], '--user is "ADMIN"; expected index:handle such as 300:88.118/ADMIN'],
    [
      '--admin-secret-file',
      [...user, '--admin-secret-file', 'no/such/file'],
      '"no/such/file" cannot be read',
    ],
    ['a secret', user, 'the secret is missing; expected --admin-secret-file or ERJI_ADMIN_SECRET'],
  ])('both refuse a wrong %s', async (_what, flags, said) => {
    for (const commandLine of [
      ['import', '-', ...flags],
      ['export', '--prefix', '88.1000', ...flags],
    ]) {
      const { code, stderr } = await place.run(commandLine)
      expect(code).toBe(2)
      expect(stderr).toContain(said)
    }
  })

  test.each([
    ['--batch', '0', '--batch is "0"; expected an integer from 1 to 100000'],
    ['--batch', 'x', '--batch is "x"; expected an integer from 1 to 100000'],
    ['--concurrency', '65', '--concurrency is "65"; expected an integer from 1 to 64'],
  ])('import refuses %s %s', async (flag, value, said) => {
    const { code, stderr } = await place.run(['import', '-', ...user, flag, value])
    expect([code, stderr]).toEqual([2, `erji: ${said}\n`])
  })

  test('import names a file that it cannot read', async () => {
    await writeFile(place.secretFile, 'secret')
    const file = join(place.directory, 'missing.ndjson')
    const secret = ['--admin-secret-file', place.secretFile]
    const { code, stderr } = await place.run(['import', file, ...user, ...nowhere, ...secret])
    expect(code).not.toBe(0)
    expect(stderr).toContain('missing.ndjson')
  })

  test('both name a node that is not there', async () => {
    await writeFile(place.secretFile, 'secret')
    const secret = ['--admin-secret-file', place.secretFile]
    const { code, stderr } = await place.run([
      'export',
      '--prefix',
      '88.1000',
      ...user,
      ...nowhere,
      ...secret,
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('--target http://127.0.0.1:1 cannot be reached')
  })

  test('export wants a prefix', async () => {
    const { code, stderr } = await place.run(['export', ...user])
    expect(code).not.toBe(0)
    expect(stderr).toContain("required option '--prefix <prefix>' not specified")
  })
})

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}
