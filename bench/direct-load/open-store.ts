import { type LevelStore, openLevelStore } from '../../src/store/level.ts'

/** The store of a load's directory, opened as a node's is, with little memory: for its first records, and for reading a sample. */
export function openLoadedStore(directory: string): Promise<LevelStore> {
  return openLevelStore({
    directory,
    durability: 'sync',
    writeBufferBytes: 4 * 2 ** 20,
    blockCacheBytes: 2 ** 20,
    diskReserveBytes: 0,
    groupMutationsMax: 100,
  })
}
