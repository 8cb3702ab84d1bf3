import { totalmem } from 'node:os'
import { z } from 'zod'
import { cacheMemories } from './cache/open-cache.ts'
import { policies } from './cache/policies/index.ts'
import { parsePolicyChoice } from './cache/policy-choice.ts'
import { handleBytesLimit } from './identifier/handle.ts'
import {
  bytes,
  duration,
  hostPort,
  integer,
  list,
  networkText,
  prefixText,
  upstreamText,
} from './setting-types.ts'
import { cassandraConsistencies, cassandraSerialConsistencies } from './store/cassandra/cassandra-options.ts'
import { storeEngines } from './store/index.ts'
import { durabilities } from './store/store.ts'

/** `hashed`: names that only the secret beside the trace leads back to handles; `plain`: the handles themselves. */
export const accessTraceKeyForms = ['hashed', 'plain'] as const
export type AccessTraceKeys = (typeof accessTraceKeyForms)[number]

// More threads than any machine has cores is a mistake in the flag.
export const workersMax = 256

// RFC 3652 section 2: no message is longer.
const wireMessageBytesLimit = 262_144

/**
 * Every setting of the node with its default, in one place. The same name works as a flag (`--cache-bytes 2GiB`), in
 * the environment (`ERJI_CACHE_BYTES=2GiB`) and in a JSON file (`"cacheBytes": "2GiB"`); flags win over environment
 * over file.
 */
export const settings = z.strictObject({
  data: z.string().min(1).default('data').describe('data directory of the embedded store'),
  store: z.enum(storeEngines).default('level').describe('store engine'),
  durability: z
    .enum(durabilities)
    .default('sync')
    .describe('when a write is acknowledged: after fsync, after the OS has it, or before'),
  prefix: list(prefixText())
    .default(['88.118'])
    .describe('prefix that the first start homes here; repeatable'),
  schemePrefix: prefixText()
    .optional()
    .describe('prefix under which identifiers of other schemes stand (default: the first --prefix)'),
  adminSecretFile: z
    .string()
    .min(1)
    .optional()
    .describe('file with the administrator secret; created by the first start when missing'),
  host: list(z.string().min(1)).default(['127.0.0.1', '::1']).describe('address to listen on; repeatable'),
  port: integer(0, 65_535).default(8000).describe('TCP port of the HTTP API; 0 takes a free one'),
  wirePort: integer(0, 65_535)
    .optional()
    .describe('port of the native Handle protocol, TCP and UDP, 2641 by custom (default: not listened on)'),
  wireConnectionsMax: integer(1, 1_000_000)
    .default(10_000)
    .describe('native TCP connections held open; workers share the number out'),
  wireIdleTimeout: duration()
    .default(72_000)
    .describe('time a native TCP connection is kept on which nothing comes or goes'),
  wireInFlightMax: integer(1, 100_000)
    .default(256)
    .describe('requests under way of one native connection beyond which it is not read'),
  wireMessageBytesMax: integer(64, wireMessageBytesLimit)
    .default(wireMessageBytesLimit)
    .describe('longest native request that is read, its envelope apart'),
  workers: integer(1, workersMax)
    .optional()
    .describe('threads that serve, each on the one port (default: available cores)'),
  cacheBytes: bytes()
    .default(defaultCacheBytes())
    .describe('bound of the hot cache, an eighth of memory unless given; workers share it out'),
  cacheNegativeBytes: bytes()
    .optional()
    .describe('part of the cache bound for absent handles (default: a sixteenth)'),
  cacheNegativeTtl: duration().default(60_000).describe('how long an absence is remembered'),
  cacheEntriesMax: integer(1, 1_000_000_000).default(4_000_000).describe('bound on cached entries'),
  cachePolicy: z
    .string()
    .refine((text) => parsePolicyChoice(text) !== undefined, {
      error: `expected one of ${Object.keys(policies).join(', ')}, with parameters as in clock:bits=2`,
    })
    .default('lru')
    .describe('who leaves when the cache is full, such as s3-fifo or clock:bits=2'),
  cacheMemory: z
    .enum(cacheMemories)
    .default('slab')
    .describe('where cached records lie: in slabs beside the heap, or on it (lru only)'),
  hugePages: z
    .enum(['auto', 'off'])
    .default('auto')
    .describe('whether large memory lies in huge pages where Linux gives them to whoever asks'),
  cacheStaleness: duration()
    .default(5000)
    .describe(
      'how long an answer may be kept that another node may have changed; nothing for an embedded store',
    ),
  cassandraContactPoints: list(hostPort())
    .default(['127.0.0.1:9042'])
    .describe('host:port of some nodes of the cluster; repeatable'),
  cassandraDataCenter: z.string().min(1).default('dc1').describe('data centre that this node belongs to'),
  cassandraKeyspace: z
    .string()
    .regex(/^[a-z][a-z0-9_]{0,47}$/, { error: 'expected a keyspace in lower case such as erji' })
    .default('erji')
    .describe('keyspace that erji store init has made'),
  cassandraConsistency: z
    .enum(cassandraConsistencies)
    .default('local_quorum')
    .describe('how many replicas agree on each read and write'),
  cassandraSerialConsistency: z
    .enum(cassandraSerialConsistencies)
    .default('serial')
    .describe('who agrees that a handle is new: all data centres, or only this one'),
  cassandraTimeout: duration().default(5000).describe('time in which the cluster has to answer a request'),
  cassandraSpeculativeDelay: duration()
    .default(100)
    .describe('time after which a read is asked of another replica too'),
  cassandraWritesMax: integer(1, 10_000).default(128).describe('conditional writes under way at a time'),
  cassandraUser: z.string().min(1).optional().describe('role of the node at the cluster'),
  cassandraPasswordFile: z.string().min(1).optional().describe('file with its password'),
  cassandraTlsCertificate: z
    .string()
    .min(1)
    .optional()
    .describe("the node's own certificate in PEM, where the cluster wants to know who connects"),
  cassandraTlsKey: z.string().min(1).optional().describe('the key of that certificate in PEM'),
  cassandraTlsAuthority: z
    .string()
    .min(1)
    .optional()
    .describe(
      'certificate authority of the cluster in PEM; connections are encrypted exactly when it is given',
    ),
  recursive: z
    .enum(['on', 'off'])
    .default('off')
    .describe('resolve handles of other nodes too, by asking --upstream and following referrals'),
  upstream: list(upstreamText(), 0)
    .default([])
    .describe('node to ask first, such as hdl+tcp://127.0.0.1:2641 or http://127.0.0.1:8000; repeatable'),
  recursiveTimeout: duration().default(3000).describe('time that another node has to answer'),
  recursiveTtlMax: duration()
    .default(3_600_000)
    .describe('longest time that an answer of another node is kept, whatever its ttl'),
  recursiveReferralTtl: duration()
    .default(300_000)
    .describe(
      'time for which a prefix is asked for where the last referral led; 0 asks from the top each time',
    ),
  recursiveStale: duration()
    .default(3_600_000)
    .describe('how old an answer may be that is given because no other node answers'),
  recursiveNetworks: list(networkText(), 0)
    .default([])
    .describe('networks beside the public ones that referrals may lead into, such as 10.0.0.0/8; repeatable'),
  invalidationPort: integer(1, 65_535)
    .optional()
    .describe('UDP port on which other nodes over the same cluster say what they have changed'),
  invalidationPeers: list(hostPort(), 0).default([]).describe('host:port of those other nodes; repeatable'),
  storeWriteBufferBytes: bytes()
    .default(64 * 2 ** 20)
    .describe('bytes that the engine gathers before it writes a table'),
  storeBlockCacheBytes: bytes()
    .default(64 * 2 ** 20)
    .describe("bytes of the engine's own block cache"),
  storeReserveBytes: bytes()
    .default(256 * 2 ** 20)
    .describe('disk space below which writes are refused'),
  handleBytesMax: integer(8, handleBytesLimit).default(handleBytesLimit).describe('longest handle accepted'),
  handleCharactersMax: integer(8, handleBytesLimit)
    .default(handleBytesLimit)
    .describe('longest handle in characters, for systems that count them: 255 in China'),
  bodyBytesMax: bytes()
    .default(2 * 2 ** 20)
    .describe('largest body of a single request'),
  headerBytesMax: bytes().default(16_384).describe('largest request header'),
  requestsInFlightMax: integer(1, 1_000_000)
    .default(10_000)
    .describe('requests under way beyond which new ones get 503'),
  requestTimeout: duration().default(30_000).describe('time a client has to send a whole request'),
  keepAliveTimeout: duration().default(72_000).describe('time an idle connection is kept'),
  shutdownTimeout: duration()
    .default(10_000)
    .describe('time that accepted requests have to finish at shutdown'),
  bulkItemsMax: integer(1, 100_000_000).default(100_000).describe('most items of one bulk registration'),
  bulkBytesMax: bytes()
    .default(64 * 2 ** 20)
    .describe('largest body of one bulk registration'),
  hotLane: z
    .enum(['on', 'off'])
    .default('on')
    .describe('answer plain GETs of cached handles from ready bytes, before the server parses them'),
  listHandlesMax: integer(1, 1_000_000).default(10_000).describe('most handles in one page of a listing'),
  accessTrace: z
    .string()
    .min(1)
    .optional()
    .describe('file to which every lookup of the cache is appended, for the simulator'),
  accessTraceKeys: z
    .enum(accessTraceKeyForms)
    .default('hashed')
    .describe('how handles stand in the access trace: hashed with the secret in FILE.secret, or plain'),
  logLevel: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('least level that is logged'),
})

/** Names, defaults and descriptions of all settings, for the command line and the documentation. */
export const settingNames = Object.keys(settings.shape) as (keyof typeof settings.shape)[]

/** What a setting means, in a sentence, with what it takes and what it is unless given. */
export function describeSetting(name: keyof typeof settings.shape): string {
  const described: z.ZodType = settings.shape[name]
  const inner = described instanceof z.ZodDefault ? (described.unwrap() as z.ZodType) : described
  const facts = [
    ...(inner instanceof z.ZodEnum ? [`one of ${inner.options.join(', ')}`] : []),
    ...(described instanceof z.ZodDefault ? defaultTexts(described.def.defaultValue, inner) : []),
  ]
  const text = described.description ?? ''
  return facts.length === 0 ? text : `${text} (${facts.join('; ')})`
}

function defaultTexts(value: unknown, inner: z.ZodType): string[] {
  const shownAs = inner.meta()?.shownAs
  const text = typeof value === 'number' && shownAs !== undefined ? shownAs(value) : [value].flat().join(' ')
  return text === '' ? [] : [`default: ${text}`]
}

/** Whether a setting may be given several times. */
export function isRepeatable(name: keyof typeof settings.shape): boolean {
  return [
    'prefix',
    'host',
    'cassandraContactPoints',
    'invalidationPeers',
    'upstream',
    'recursiveNetworks',
  ].includes(name)
}

// An eighth of memory leaves the rest to the page cache, which serves the store's misses.
function defaultCacheBytes(): number {
  return Math.floor(totalmem() / 8)
}
