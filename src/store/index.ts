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
