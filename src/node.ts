import { randomUUID } from 'node:crypto'
import { AccessTrace, TracedCache } from './access-trace.ts'
import { Authenticator } from './authenticator.ts'
import { Authority } from './authority.ts'
import type { Cache } from './cache/cache.ts'
import { Epochs } from './cache/epochs.ts'
import { openCache } from './cache/open-cache.ts'
import type { NodeConfig } from './config.ts'
import { type Administrator, homePrefixes } from './first-start.ts'
import { type HomedPrefixes, loadHomedPrefixes } from './homed-prefixes.ts'
import { Registrar } from './registrar.ts'
import type { ResolvedRecord } from './resolved-record.ts'
import { resolvedRecordCodec } from './resolved-record-codec.ts'
import { Resolver } from './resolver.ts'
import { noSiblings, type Siblings } from './siblings.ts'
import { stores } from './store/index.ts'
import type { LevelOptions } from './store/level.ts'
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
  readonly authority: Authority
  readonly siblings: Siblings
  /** Where lookups are recorded; whoever opened the node closes it. */
  readonly accessTrace: AccessTrace | undefined
  /** Those that this start created; empty on every later one. */
  readonly administrators: readonly Administrator[]
}

/** Opens the store and builds the node over it, all in this thread. Whoever opens it closes `store`. @throws StartupError */
export async function openNode(config: NodeConfig, clock: Clock): Promise<Node> {
  const store = await stores[config.store](storeOptions(config))
  try {
    const administrators = await homeConfiguredPrefixes(store, config, clock)
    const prefixes = await loadHomedPrefixes(store)
    const parts = { config, clock, store, prefixes, administrators }
    return assembleNode({ ...parts, epochs: new Epochs(), siblings: noSiblings() })
  } catch (error) {
    await store.close()
    throw error
  }
}

/** The first start's part: homes the prefixes of the configuration that are not homed yet. @throws StartupError */
export function homeConfiguredPrefixes(
  store: Store,
  config: NodeConfig,
  clock: Clock,
): Promise<readonly Administrator[]> {
  return homePrefixes(store, {
    prefixes: config.prefix,
    adminSecretFile: config.adminSecretFile,
    timestampSeconds: nowSeconds(clock),
  })
}

/** What the configuration says about the store. */
export function storeOptions(config: NodeConfig): LevelOptions {
  return {
    directory: config.data,
    durability: config.durability,
    writeBufferBytes: config.storeWriteBufferBytes,
    blockCacheBytes: config.storeBlockCacheBytes,
    diskReserveBytes: config.storeReserveBytes,
    groupMutationsMax,
  }
}

// Large enough that one fsync pays for thousands of records, small enough that a group is written in milliseconds.
const groupMutationsMax = 8192

type Parts = Pick<Node, 'config' | 'clock' | 'store' | 'prefixes' | 'administrators' | 'siblings'> & {
  readonly epochs: Epochs
}

/** Builds a node, or one thread's share of it, over what has been opened. */
export function assembleNode({ epochs, ...parts }: Parts): Node {
  const { config, clock, store, prefixes } = parts
  const accessTrace = openAccessTrace(config, clock)
  const opened = openCache<ResolvedRecord>(
    {
      policy: config.cachePolicy,
      memory: config.cacheMemory,
      bytesMax: config.cacheBytes,
      negativeBytesMax: config.cacheNegativeBytes,
      negativeTtlSeconds: config.cacheNegativeTtl / 1000,
      entriesMax: config.cacheEntriesMax,
    },
    { clock, epochs, codec: resolvedRecordCodec },
  )
  const cache = accessTrace === undefined ? opened : new TracedCache(opened, accessTrace)
  const resolver = new Resolver({ cache, store, prefixes, clock })
  const authority = new Authority(resolver)
  const registrar = new Registrar({ cache, store, prefixes, authority, mintSuffix: randomUUID })
  const authenticator = new Authenticator(resolver)
  return { ...parts, accessTrace, cache, resolver, registrar, authenticator, authority }
}

function openAccessTrace(config: NodeConfig, clock: Clock): AccessTrace | undefined {
  const { accessTrace: file, accessTraceKeys: keys } = config
  return file === undefined ? undefined : new AccessTrace({ file, keys }, clock)
}
