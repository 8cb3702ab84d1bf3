import type { OpenCassandra } from './cassandra/cassandra-store.ts'
import { type LevelOptions, openLevelStore } from './level.ts'
import { MemoryStore } from './memory.ts'
import type { Store } from './store.ts'

/** What an engine is opened from: each takes its part. */
export type StoreOptions = LevelOptions & OpenCassandra

/** Every engine, by the name used in config and in reports. */
export const stores = {
  level: (options) => openLevelStore(options),
  memory: async () => new MemoryStore(),
  // Loaded when it is wanted: its driver is nothing that a node with an embedded store should start with.
  cassandra: async (options) => (await import('./cassandra/cassandra-store.ts')).openCassandraStore(options),
} as const satisfies Record<string, (options: StoreOptions) => Promise<Store>>

export type StoreEngine = keyof typeof stores

export const storeEngines = Object.keys(stores) as StoreEngine[]

/** Engines that the threads of one process can share, so that a node of several workers can run over them. */
export const sharedByThreads: readonly StoreEngine[] = ['level']
