import type { LevelOptions } from '../../src/store/level.ts'

/** Settings of a small embedded store for tests. */
export function levelOptions(directory: string, change: Partial<LevelOptions> = {}): LevelOptions {
  return {
    directory,
    durability: 'sync',
    writeBufferBytes: 2 ** 20,
    blockCacheBytes: 2 ** 20,
    diskReserveBytes: 0,
    groupMutationsMax: 100,
    ...change,
  }
}
