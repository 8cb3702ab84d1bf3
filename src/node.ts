import { randomUUID } from 'node:crypto'
import { Authenticator } from './authenticator.ts'
import { Authority } from './authority.ts'
import { Cache } from './cache/cache.ts'
import type { NodeConfig } from './config.ts'
import { type Administrator, homePrefixes } from './first-start.ts'
import { HomedPrefixes } from './homed-prefixes.ts'
import { Registrar } from './registrar.ts'
import type { ResolvedRecord } from './resolved-record.ts'
import { Resolver } from './resolver.ts'
import { stores } from './store/index.ts'
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
  /** Those that this start created; empty on every later one. */
  readonly administrators: readonly Administrator[]
}

/** Opens the store and builds the node over it. Whoever opens it closes `store`. @throws StartupError */
export async function openNode(config: NodeConfig, clock: Clock): Promise<Node> {
  const store = await stores[config.store]({
    directory: config.data,
    durability: config.durability,
    writeBufferBytes: config.storeWriteBufferBytes,
    blockCacheBytes: config.storeBlockCacheBytes,
    diskReserveBytes: config.storeReserveBytes,
    groupMutationsMax,
  })
  try {
    const administrators = await homePrefixes(store, {
      prefixes: config.prefix,
      adminSecretFile: config.adminSecretFile,
      timestampSeconds: nowSeconds(clock),
    })
    const prefixes = await HomedPrefixes.load(store)
    return assemble({ config, clock, store, prefixes, administrators })
  } catch (error) {
    await store.close()
    throw error
  }
}

// Large enough that one fsync pays for thousands of records, small enough that a group is written in milliseconds.
const groupMutationsMax = 8192

function assemble(parts: Pick<Node, 'config' | 'clock' | 'store' | 'prefixes' | 'administrators'>): Node {
  const { config, clock, store, prefixes } = parts
  const cache = new Cache<ResolvedRecord>(
    {
      bytesMax: config.cacheBytes,
      negativeBytesMax: config.cacheNegativeBytes,
      negativeTtlSeconds: config.cacheNegativeTtl / 1000,
      entriesMax: config.cacheEntriesMax,
    },
    { clock },
  )
  const resolver = new Resolver({ cache, store, prefixes, clock })
  const authority = new Authority(resolver)
  const registrar = new Registrar({ cache, store, prefixes, authority, mintSuffix: randomUUID })
  return { ...parts, cache, resolver, registrar, authenticator: new Authenticator(resolver), authority }
}
