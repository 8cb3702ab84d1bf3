import { totalmem } from 'node:os'
import { describe, expect, test } from 'vitest'
import { parseConfig, settingsFromEnvironment } from '../src/config.ts'
import { StartupError } from '../src/errors.ts'
import { describeSetting, isRepeatable, settingNames } from '../src/settings.ts'
import { flagName } from '../src/support/flag-name.ts'

const aSize = 'expected a size such as 512MiB or 2GiB'
const aDuration = 'expected a duration such as 500ms, 30s or 2m'
const integer = (least: number, most: number): string => `expected an integer from ${least} to ${most}`

// Every setting with wrong values, as a flag or a variable gives them, and what is then expected.
const wrongValues: Record<(typeof settingNames)[number], { wrong: readonly unknown[]; expected: string }> = {
  data: { wrong: [''], expected: 'expected string to have >=1 characters' },
  store: { wrong: ['rocks', ''], expected: 'expected one of "level"|"memory"' },
  durability: { wrong: ['fsync', 'SYNC'], expected: 'expected one of "sync"|"os"|"none"' },
  prefix: { wrong: ['88 118', '', ['88.118', '88.118/x']], expected: 'expected a prefix such as 88.118' },
  schemePrefix: { wrong: ['88/118', ''], expected: 'expected a prefix such as 88.118' },
  adminSecretFile: { wrong: [''], expected: 'expected string to have >=1 characters' },
  host: { wrong: ['', ['::1', '']], expected: 'expected string to have >=1 characters' },
  port: { wrong: ['65536', '-1', 'http', '', '80.5', '0x50', '1e3'], expected: integer(0, 65_535) },
  wirePort: { wrong: ['65536', '-1', 'http', '', '80.5', '0x50', '1e3'], expected: integer(0, 65_535) },
  wireConnectionsMax: { wrong: ['0', '1000001', 'all'], expected: integer(1, 1_000_000) },
  wireIdleTimeout: { wrong: ['never'], expected: aDuration },
  wireInFlightMax: { wrong: ['0', '100001'], expected: integer(1, 100_000) },
  wireMessageBytesMax: { wrong: ['63', '262145', '1MiB'], expected: integer(64, 262_144) },
  workers: { wrong: ['0', '257', 'all', ''], expected: integer(1, 256) },
  cacheBytes: { wrong: ['lots', '-1', '', '1XiB', '1e300'], expected: aSize },
  cacheNegativeBytes: { wrong: ['lots'], expected: aSize },
  cacheNegativeTtl: { wrong: ['soon', '-1s', '', '1d'], expected: aDuration },
  cacheEntriesMax: { wrong: ['0', '1000000001', ''], expected: integer(1, 1_000_000_000) },
  cachePolicy: {
    wrong: ['fastest', '', 'LRU', 'clock:bits', 'clock:byte=2', 'lru:bits=2', 'clock:bits=2x'],
    expected: 'expected one of fifo, lru, clock, sieve, s3-fifo, ',
  },
  cacheMemory: { wrong: ['disk', ''], expected: 'expected one of "heap"|"slab"' },
  hugePages: { wrong: ['on', ''], expected: 'expected one of "auto"|"off"' },
  storeWriteBufferBytes: { wrong: ['big'], expected: aSize },
  storeBlockCacheBytes: { wrong: ['big'], expected: aSize },
  storeReserveBytes: { wrong: ['big'], expected: aSize },
  handleBytesMax: { wrong: ['7', '2049'], expected: integer(8, 2048) },
  handleCharactersMax: { wrong: ['7', '2049'], expected: integer(8, 2048) },
  bodyBytesMax: { wrong: ['big'], expected: aSize },
  headerBytesMax: { wrong: ['big'], expected: aSize },
  requestsInFlightMax: { wrong: ['0', '1000001'], expected: integer(1, 1_000_000) },
  requestTimeout: { wrong: ['never'], expected: aDuration },
  keepAliveTimeout: { wrong: ['never'], expected: aDuration },
  shutdownTimeout: { wrong: ['never'], expected: aDuration },
  bulkItemsMax: { wrong: ['0', '100000001'], expected: integer(1, 100_000_000) },
  bulkBytesMax: { wrong: ['big'], expected: aSize },
  listHandlesMax: { wrong: ['0', '1000001'], expected: integer(1, 1_000_000) },
  hotLane: { wrong: ['yes', ''], expected: 'expected one of "on"|"off"' },
  accessTrace: { wrong: [''], expected: 'expected string to have >=1 characters' },
  accessTraceKeys: { wrong: ['secret'], expected: 'expected one of "hashed"|"plain"' },
  cacheStaleness: { wrong: ['soon'], expected: 'expected a duration such as' },
  cassandraContactPoints: { wrong: ['localhost', 'a:b:c'], expected: 'expected host:port' },
  cassandraDataCenter: { wrong: [''], expected: 'expected string to have >=1 characters' },
  cassandraKeyspace: { wrong: ['Erji', '1', ''], expected: 'expected a keyspace in lower case' },
  cassandraConsistency: { wrong: ['one'], expected: 'expected one of "local_quorum"|"quorum"' },
  cassandraSerialConsistency: { wrong: ['one'], expected: 'expected one of "serial"|"local_serial"' },
  cassandraTlsCertificate: { wrong: [''], expected: 'expected string to have >=1 characters' },
  cassandraTlsKey: { wrong: [''], expected: 'expected string to have >=1 characters' },
  cassandraTimeout: { wrong: ['never'], expected: 'expected a duration such as' },
  cassandraSpeculativeDelay: { wrong: ['never'], expected: 'expected a duration such as' },
  cassandraWritesMax: { wrong: ['0', '10001'], expected: 'expected an integer from 1 to 10000' },
  cassandraUser: { wrong: [''], expected: 'expected string to have >=1 characters' },
  cassandraPasswordFile: { wrong: [''], expected: 'expected string to have >=1 characters' },
  cassandraTlsAuthority: { wrong: [''], expected: 'expected string to have >=1 characters' },
  invalidationPort: { wrong: ['0', '65536'], expected: 'expected an integer from 1 to 65535' },
  invalidationPeers: { wrong: ['peer', ':9'], expected: 'expected host:port' },
  recursive: { wrong: ['maybe'], expected: 'expected one of "on"|"off"' },
  upstream: { wrong: ['ftp://x', 'hdl+tcp://'], expected: 'expected a node such as' },
  recursiveTimeout: { wrong: ['never'], expected: 'expected a duration such as' },
  recursiveTtlMax: { wrong: ['never'], expected: 'expected a duration such as' },
  recursiveReferralTtl: { wrong: ['never'], expected: 'expected a duration such as' },
  recursiveStale: { wrong: ['never'], expected: 'expected a duration such as' },
  recursiveNetworks: { wrong: ['10.0.0.0', '10.0.0.0/33', 'lan/8'], expected: 'expected a network such as' },
  logLevel: { wrong: ['verbose'], expected: 'expected one of "fatal"|"error"|"warn"' },
}

describe('a setting with a wrong value', () => {
  for (const setting of settingNames) {
    const { wrong, expected } = wrongValues[setting]
    // What no flag can hold, but a JSON file can.
    for (const value of [...wrong, {}, true]) {
      test(`${setting} of ${JSON.stringify(value)} is refused naming the flag, the value and what is expected`, () => {
        const message = refusal({ [setting]: value })
        expect(message).toContain(`--${flagName(setting)} is "${String(value)}"; `)
        if (typeof value === 'string' || Array.isArray(value)) expect(message).toContain(expected)
        expect(message.split('\n')).toHaveLength(1)
      })
    }
  }
})

test('all settings that are wrong are told of at once, a line each', () => {
  const lines = refusal({ port: 'x', cacheBytes: 'y', store: 'z', cachBytes: '1' }).split('\n')
  expect(lines).toHaveLength(4)
  expect(lines).toContain('unknown setting "cachBytes"')
})

test('settings that do not go with each other are told of at once, a line each', () => {
  const together = { cacheBytes: '1MiB', cacheNegativeBytes: '1GiB', recursive: 'on', wirePort: '0' }
  expect(
    refusal({ ...together, cassandraUser: 'x', cassandraTlsKey: 'y', workers: '2' }).split('\n'),
  ).toEqual([
    '--cache-negative-bytes is "1GiB"; expected at most the 1048576 bytes of --cache-bytes',
    '--cassandra-user is "x"; expected --cassandra-password-file with it',
    '--cassandra-tls-key is "y"; expected --cassandra-tls-certificate with it',
    '--upstream is ""; expected a node to ask with --recursive on',
    '--wire-port is "0"; expected a port of its own with --workers 2, which share it',
  ])
  const apart = { store: 'memory', workers: '3', cachePolicy: 'sieve', cacheMemory: 'heap' }
  expect(refusal({ ...together, ...apart }).split('\n')).toHaveLength(4)
})

test('records lie beside the heap unless lru is told to keep them on it', () => {
  expect(parseConfig({}).cacheMemory).toBe('slab')
  expect(parseConfig({ cacheMemory: 'heap' }).cacheMemory).toBe('heap')
  expect(parseConfig({ cachePolicy: 'clock:bits=2' }).cacheMemory).toBe('slab')
  expect(parseConfig({ cacheMemory: 'slab', cacheEntriesMax: '100000000' }).cacheEntriesMax).toBe(100_000_000)
  expect(refusal({ cachePolicy: 'sieve', cacheMemory: 'heap' })).toBe(
    '--cache-memory is "heap"; expected slab with --cache-policy sieve',
  )
  expect(refusal({ cacheMemory: 'heap', cacheEntriesMax: '16000001' })).toBe(
    '--cache-entries-max is "16000001"; expected at most 16000000 with --cache-memory heap',
  )
})

test('several threads over a store that they cannot share are refused, saying what to do instead', () => {
  expect(refusal({ store: 'memory', workers: '2' })).toBe(
    '--workers is "2"; expected 1 with --store memory, which threads cannot share',
  )
  expect(refusal({ store: 'cassandra', workers: '2' })).toBe(
    '--workers is "2"; expected 1 with --store cassandra: start a node for each core, on a port of its own; they share the cluster',
  )
  expect(parseConfig({ store: 'cassandra' }).workers).toBe(1)
})

test('where no other node writes to the store there is no port on which others tell what they changed', () => {
  expect(refusal({ store: 'level', invalidationPort: '9000' })).toBe(
    '--invalidation-port is "9000"; expected none with --store level, which no other node writes to',
  )
  expect(refusal({ store: 'memory', invalidationPort: '9000' })).toContain(
    'expected none with --store memory',
  )
  expect(parseConfig({ store: 'cassandra', invalidationPort: '9000' }).invalidationPort).toBe(9000)
})

test('the part of the cache for absences cannot be larger than the cache', () => {
  expect(refusal({ cacheBytes: '1MiB', cacheNegativeBytes: '2MiB' })).toBe(
    '--cache-negative-bytes is "2MiB"; expected at most the 1048576 bytes of --cache-bytes',
  )
})

test('without any setting the defaults hold, and they cannot be changed', () => {
  const config = parseConfig()
  expect(config).toMatchObject({ store: 'level', durability: 'sync', port: 8000, host: ['127.0.0.1', '::1'] })
  expect(config.cacheBytes).toBe(Math.floor(totalmem() / 8))
  expect(config.cacheNegativeBytes).toBe(Math.floor(config.cacheBytes / 16))
  expect(Object.isFrozen(config)).toBe(true)
})

test('flags win over environment, environment over file', () => {
  const file = { port: 1, cacheBytes: '1MiB', logLevel: 'warn', host: ['::1'] }
  const environment = settingsFromEnvironment({ ERJI_PORT: '2', ERJI_CACHE_BYTES: '2MiB', PORT: '9' })
  const config = parseConfig({ port: '3', cacheBytes: undefined }, environment, file)
  expect(config).toMatchObject({ port: 3, cacheBytes: 2 * 2 ** 20, logLevel: 'warn', host: ['::1'] })
})

test('every setting has a flag, a variable of the environment and a sentence', () => {
  for (const setting of settingNames) {
    const variable = `ERJI_${flagName(setting).replaceAll('-', '_').toUpperCase()}`
    expect(settingsFromEnvironment({ [variable]: 'x' })).toEqual({
      [setting]: isRepeatable(setting) ? ['x'] : 'x',
    })
    expect(describeSetting(setting).length).toBeGreaterThan(10)
  }
  expect(flagName('cacheNegativeBytes')).toBe('cache-negative-bytes')
})

test('a list comes from one flag, several flags or commas in the environment', () => {
  expect(parseConfig({ prefix: '88.1' }).prefix).toEqual(['88.1'])
  expect(parseConfig({ prefix: ['88.1', '88.2'] }).prefix).toEqual(['88.1', '88.2'])
  expect(parseConfig(settingsFromEnvironment({ ERJI_HOST: '10.0.0.1,::1' })).host).toEqual([
    '10.0.0.1',
    '::1',
  ])
})

test('a quantity means the same as text and as a JSON number', () => {
  expect(parseConfig({ requestTimeout: '30', cacheBytes: '1024', port: '80' })).toEqual(
    parseConfig({ requestTimeout: 30, cacheBytes: 1024, port: 80 }),
  )
  expect(parseConfig({ requestTimeout: 30 }).requestTimeout).toBe(30_000)
  expect(parseConfig({ requestTimeout: '1.5m', cacheBytes: '1.5KiB' })).toMatchObject({
    requestTimeout: 90_000,
    cacheBytes: 1536,
  })
})

function refusal(settings: Record<string, unknown>): string {
  try {
    parseConfig(settings)
  } catch (error) {
    if (error instanceof StartupError && error.code === 'CONFIG_INVALID') return error.message
    throw error
  }
  throw new Error('nothing was refused')
}

test('a description has the default as it would be given, and what may be chosen', () => {
  expect(describeSetting('cacheNegativeTtl')).toMatch(/ \(default: 1m\)$/)
  expect(describeSetting('storeReserveBytes')).toMatch(/ \(default: 256MiB\)$/)
  expect(describeSetting('port')).toMatch(/ \(default: 8000\)$/)
  expect(describeSetting('host')).toMatch(/ \(default: 127\.0\.0\.1 ::1\)$/)
  expect(describeSetting('durability')).toMatch(/ \(one of sync, os, none; default: sync\)$/)
  expect(describeSetting('upstream')).not.toContain('default')
  expect(describeSetting('cassandraUser')).not.toContain('default')
})
