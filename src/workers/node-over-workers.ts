import type { FastifyBaseLogger } from 'fastify'
import type { NodeConfig } from '../config.ts'
import type { Administrator } from '../first-start.ts'
import { homeConfiguredPrefixes, type StartWatch, storeOptions } from '../node.ts'
import { type LevelStore, openLevelStore } from '../store/level.ts'
import type { Clock } from '../support/clock.ts'
import { startWorkers, type WorkerPool, type WorkerPoolParts } from './worker-pool.ts'

/** A node whose threads all serve; this one writes for them. */
export type NodeOverWorkers = {
  readonly store: LevelStore
  readonly pool: WorkerPool
  readonly administrators: readonly Administrator[]
  /** Answers what was accepted, ends all threads, closes the store. */
  close(): Promise<void>
}

/** Opens the store, homes the configured prefixes and starts the workers. @throws StartupError */
export async function openNodeOverWorkers(
  config: NodeConfig,
  parts: { readonly clock: Clock; readonly log: FastifyBaseLogger } & StartWatch &
    Pick<WorkerPoolParts, 'memoryOf'>,
): Promise<NodeOverWorkers> {
  const { clock, log, memoryOf } = parts
  const store = await openLevelStore({ ...storeOptions(config), sharedByThreads: true })
  try {
    const administrators = await homeConfiguredPrefixes(store, config, clock, parts)
    const pool = await startWorkers({ config, store, log, ...(memoryOf === undefined ? {} : { memoryOf }) })
    const close = async (): Promise<void> => {
      await pool.close()
      // Last: the database's block cache is this thread's.
      await store.close()
    }
    return { store, pool, administrators, close }
  } catch (error) {
    await store.close()
    throw error
  }
}
