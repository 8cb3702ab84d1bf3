import { type LevelOptions, openLevelStore } from './level.ts'
import { MemoryStore } from './memory.ts'
import type { Store } from './store.ts'

/** Every engine, by the name used in config and in reports. */
export const stores = {
  level: (options) => openLevelStore(options),
  memory: async () => new MemoryStore(),
} as const satisfies Record<string, (options: LevelOptions) => Promise<Store>>

export type StoreEngine = keyof typeof stores

export const storeEngines = Object.keys(stores) as StoreEngine[]

/** Engines that the threads of one process can share, so that a node of several workers can run over them. */
export const sharedByThreads: readonly StoreEngine[] = ['level']
