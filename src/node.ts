import { randomUUID } from 'node:crypto'
import { AccessTrace, TracedCache } from './access-trace.ts'
import { Authenticator } from './authenticator.ts'
import { Authority } from './authority.ts'
import type { Cache } from './cache/cache.ts'
import { Epochs } from './cache/epochs.ts'
import { openCache } from './cache/open-cache.ts'
import type { NodeConfig } from './config.ts'
import { type Administrator, homePrefixes, secretFileDoubts } from './first-start.ts'
import { type HomedPrefixes, loadHomedPrefixes } from './homed-prefixes.ts'
import { foldAscii, type Handle } from './identifier/handle.ts'
import type { HandleValue } from './identifier/value.ts'
import { Invalidation, tellingOthers } from './invalidation.ts'
import { NativeTraffic } from './native-traffic.ts'
import { finishSteps } from './prefixes/finish-steps.ts'
import { PrefixLife } from './prefixes/prefix-life.ts'
import { PrefixQueries } from './prefixes/prefix-queries.ts'
import { decodeState, stateKey } from './prefixes/prefix-records.ts'
import { Recursion } from './recursion/recursion.ts'
import { parseUpstream } from './recursion/upstream-address.ts'
import { referralOf } from './referral.ts'
import { Registrar } from './registrar.ts'
import type { ResolvedRecord } from './resolved-record.ts'
import { resolvedRecordCodec } from './resolved-record-codec.ts'
import { Resolver } from './resolver.ts'
import { newSessionMemory, SessionTable } from './session-table.ts'
import { Sessions } from './sessions.ts'
import { noSiblings, type Siblings } from './siblings.ts'
import { type StoreOptions, stores } from './store/index.ts'
import type { Store } from './store/store.ts'
import { type Clock, nowSeconds } from './support/clock.ts'

/** A node without its listeners: everything that a transport needs to answer. */
export type Node = {
  readonly config: NodeConfig
  readonly clock: Clock
  readonly store: Store
  readonly cache: Cache<ResolvedRecord>
  readonly prefixes: HomedPrefixes
  readonly resolver: Resolver
  readonly registrar: Registrar
  readonly authenticator: Authenticator
  readonly sessions: Sessions
  readonly authority: Authority
  readonly prefixLife: PrefixLife
  readonly prefixQueries: PrefixQueries
  readonly siblings: Siblings
  /** What this thread did over the native protocol. */
  readonly nativeTraffic: NativeTraffic
  /** Where lookups are recorded. */
  readonly accessTrace: AccessTrace | undefined
  /** The way to the other nodes over the same store. */
  readonly invalidation: Invalidation | undefined
  /** The way to other nodes, where this one is recursive. */
  readonly recursion: Recursion | undefined
  /** Those that this start created; empty on every later one. */
  readonly administrators: readonly Administrator[]
  /** Closes all that was opened for it, the store last. Whoever opened the node does so, once nobody is answered any more. */
  close(): Promise<void>
}

/** What whoever starts a node is told before it is open. */
export type StartWatch = {
  /** Prefixes were homed: told at once, for whatever fails later, nobody learns their secrets again. */
  whenHomed?(administrators: readonly Administrator[]): void
  /** The configuration says something that does not hold here. */
  whenDoubtful?(doubt: string): void
}

/** How whoever opens a node follows what it waits for. */
export type Watching = StartWatch & {
  /** Ends the wait for the store. */
  readonly signal?: AbortSignal
  whenWaiting?(reason: string): void
  /** The prefixes of a store that other nodes write to could not be read again. */
  whenPrefixesUnread?(error: unknown): void
}

/** How the node is opened, and its epochs: its own by chance unless given. */
export type OpenOptions = Watching & { readonly epochs?: Epochs }

/** Opens the store and builds the node over it, all in this thread. Whoever opens it closes it. @throws StartupError */
export async function openNode(config: NodeConfig, clock: Clock, options: OpenOptions = {}): Promise<Node> {
  const { whenPrefixesUnread = () => undefined, epochs = new Epochs(), ...waiting } = options
  await using opened = new AsyncDisposableStack()
  const store: Store = await stores[config.store]({ ...storeOptions(config), ...waiting })
  opened.defer(() => store.close())
  const administrators = await homeConfiguredPrefixes(store, config, clock, waiting)
  const refreshing = { everyMs: Math.max(500, config.cacheStaleness), whenUnread: whenPrefixesUnread }
  const prefixes = await loadHomedPrefixes(store, store.capabilities.distributed ? refreshing : undefined)
  opened.defer(() => prefixes.close())
  const parts = { config, clock, store, prefixes, administrators, opened }
  return await assembleNode({ ...parts, epochs, siblings: noSiblings() })
}

/**
 * What comes before a node answers anybody: steps of prefixes that a crash has cut are finished, and those prefixes of the
 * configuration homed that are not homed yet. @throws StartupError
 */
export async function homeConfiguredPrefixes(
  store: Store,
  config: NodeConfig,
  clock: Clock,
  watch: StartWatch = {},
): Promise<readonly Administrator[]> {
  await finishSteps(store)
  const { adminSecretFile } = config
  const prefixes = await notGivenOtherwise(store, config.prefix)
  const homing = { prefixes, adminSecretFile, timestampSeconds: nowSeconds(clock) }
  const { whenHomed } = watch
  const administrators = await homePrefixes(
    store,
    whenHomed === undefined ? homing : { ...homing, whenHomed },
  )
  for (const doubt of await secretFileDoubts(store, { prefixes, adminSecretFile }))
    watch.whenDoubtful?.(doubt)
  return administrators
}

/** A prefix that was suspended or revoked stays so, whatever the configuration still says. */
async function notGivenOtherwise(store: Store, prefixes: readonly string[]): Promise<string[]> {
  const states = await Promise.all(prefixes.map((prefix) => store.get(stateKey(foldAscii(prefix)))))
  return prefixes.filter((_, place) => {
    const state = states[place]
    return state === undefined || decodeState(state).state === 'homed'
  })
}

/** What the configuration says about the store. */
export function storeOptions(config: NodeConfig): StoreOptions {
  return {
    cassandra: cassandraOptions(config),
    directory: config.data,
    durability: config.durability,
    writeBufferBytes: config.storeWriteBufferBytes,
    blockCacheBytes: config.storeBlockCacheBytes,
    diskReserveBytes: config.storeReserveBytes,
    groupMutationsMax,
    backgroundYields: true,
  }
}

function cassandraOptions(config: NodeConfig): StoreOptions['cassandra'] {
  return {
    contactPoints: config.cassandraContactPoints,
    dataCenter: config.cassandraDataCenter,
    keyspace: config.cassandraKeyspace,
    consistency: config.cassandraConsistency,
    serialConsistency: config.cassandraSerialConsistency,
    requestTimeoutMs: config.cassandraTimeout,
    speculativeDelayMs: config.cassandraSpeculativeDelay,
    writesInFlightMax: config.cassandraWritesMax,
    user: config.cassandraUser,
    passwordFile: config.cassandraPasswordFile,
    tlsAuthorityFile: config.cassandraTlsAuthority,
    tlsCertificateFile: config.cassandraTlsCertificate,
    tlsKeyFile: config.cassandraTlsKey,
  }
}

// Large enough that one fsync pays for thousands of records, small enough that a group is written in milliseconds.
const groupMutationsMax = 8192

type Parts = Pick<Node, 'config' | 'clock' | 'store' | 'prefixes' | 'administrators' | 'siblings'> & {
  readonly epochs: Epochs
  /** What the threads of one node share of their sessions; its own unless given. */
  readonly sessionMemory?: SharedArrayBuffer
  /** Closes what has been opened, the store first of all. What else the node opens goes there; once it is whole all is its own. */
  readonly opened: AsyncDisposableStack
}

/** Builds a node, or one thread's share of it, over what has been opened. @throws StartupError */
export async function assembleNode({ epochs, sessionMemory, opened, ...parts }: Parts): Promise<Node> {
  const { config, clock, store, prefixes } = parts
  const secondsMax = store.capabilities.distributed ? config.cacheStaleness / 1000 : Number.POSITIVE_INFINITY
  const accessTrace = openAccessTrace(config, clock)
  opened.defer(() => accessTrace?.close())
  const plain = openCache<ResolvedRecord>(
    {
      policy: config.cachePolicy,
      memory: config.cacheMemory,
      bytesMax: config.cacheBytes,
      negativeBytesMax: config.cacheNegativeBytes,
      negativeTtlSeconds: Math.min(config.cacheNegativeTtl / 1000, secondsMax),
      entriesMax: config.cacheEntriesMax,
    },
    { clock, epochs, codec: resolvedRecordCodec },
  )
  const traced = accessTrace === undefined ? plain : new TracedCache(plain, accessTrace)
  const invalidation = await openInvalidation(config, traced)
  opened.defer(() => invalidation?.close())
  const cache = invalidation === undefined ? traced : tellingOthers(traced, invalidation)
  const recursion = openRecursion(config, clock)
  opened.defer(() => recursion?.close())
  const resolver: Resolver = new Resolver({
    cache,
    store,
    prefixes,
    clock,
    cachedSecondsMax: secondsMax,
    ...(recursion === undefined
      ? {}
      : {
          elsewhere: async (handle) =>
            recursion.resolve(handle, await delegatedHere({ store, resolver }, handle)),
        }),
  })
  const authority = new Authority(resolver)
  const registrar = new Registrar({ cache, store, prefixes, authority, mintSuffix: randomUUID })
  const table = new SessionTable(sessionMemory ?? newSessionMemory())
  const sessions = new Sessions({ table, resolver, clock })
  const authenticator = new Authenticator(resolver, sessions)
  const prefixLife = new PrefixLife({ store, cache, prefixes, authority, clock })
  const prefixQueries = new PrefixQueries({ store, authority })
  const core = { cache, resolver, registrar, sessions, authenticator, authority, prefixLife, prefixQueries }
  const closing = opened.move()
  const close = (): Promise<void> => closing.disposeAsync()
  return {
    ...parts,
    accessTrace,
    invalidation,
    recursion,
    nativeTraffic: new NativeTraffic(),
    ...core,
    close,
  }
}

function openRecursion(config: NodeConfig, clock: Clock): Recursion | undefined {
  if (config.recursive === 'off') return undefined
  return new Recursion({
    upstreams: config.upstream.flatMap((text) => parseUpstream(text) ?? []),
    timeoutMs: config.recursiveTimeout,
    ttlSecondsMax: config.recursiveTtlMax / 1000,
    referralSecondsMax: config.recursiveReferralTtl / 1000,
    staleSecondsMax: config.recursiveStale / 1000,
    networks: config.recursiveNetworks,
    clock,
  })
}

/** What this node itself would refer to, which saves the way up. */
async function delegatedHere(
  parts: { readonly store: Store; readonly resolver: Resolver },
  handle: Handle,
): Promise<readonly HandleValue[] | undefined> {
  return (await referralOf(parts, handle))?.values
}

async function openInvalidation(
  config: NodeConfig,
  cache: Cache<ResolvedRecord>,
): Promise<Invalidation | undefined> {
  const { invalidationPort: port, invalidationPeers: peers, host } = config
  if (port === undefined) return undefined
  return Invalidation.open({ port, peers, host: host[0] ?? '127.0.0.1' }, (key) => cache.invalidate(key))
}

function openAccessTrace(config: NodeConfig, clock: Clock): AccessTrace | undefined {
  const { accessTrace: file, accessTraceKeys: keys } = config
  return file === undefined ? undefined : new AccessTrace({ file, keys }, clock)
}
