import { parentPort, workerData } from 'node:worker_threads'
import type { NodeConfig } from '../config.ts'
import { StartupError } from '../errors.ts'
import { SharedHomedPrefixes } from '../homed-prefixes.ts'
import { openLog } from '../log.ts'
import { assembleNode } from '../node.ts'
import { openSharedLevel } from '../store/shared-level.ts'
import { assert } from '../support/assert.ts'
import { systemClock } from '../support/clock.ts'
import { withoutClosing } from '../support/without-closing.ts'
import { startListening } from './listening.ts'
import { MainLink } from './main-link.ts'
import type { WorkerStart } from './messages.ts'
import { sharedCell, sharedEpochs } from './shared-memory.ts'

/** One serving thread of a node, from its start to the close that the main thread tells it. */

assert(parentPort !== null, 'a worker is started with a channel to the main thread')
const start = workerData as WorkerStart
const link = new MainLink(parentPort, start)
try {
  await serve()
} catch (thrown) {
  const error = withoutClosing(thrown)
  if (!(error instanceof Error)) throw thrown
  link.tell({
    type: 'cannot-start',
    code: error instanceof StartupError ? error.code : undefined,
    message: error.message,
  })
}
link.close()

async function serve(): Promise<void> {
  const { databasePath, memory, sharing, worker } = start
  const config = shareOf(start.config, worker)
  await using opened = new AsyncDisposableStack()
  const store = await openSharedLevel({ databasePath, durability: config.durability }, link)
  opened.defer(() => store.close())
  const node = await assembleNode({
    config,
    clock: systemClock,
    store,
    prefixes: new SharedHomedPrefixes(store, sharedCell(memory, 'prefixesVersion').read),
    epochs: sharedEpochs(memory),
    sessionMemory: memory.sessions,
    siblings: link,
    administrators: [],
    opened,
  })
  const listening = await startListening(node, openLog(config, worker), sharing)
  link.tell({ type: 'listening', urls: listening.urls })
  await link.toldToClose
  const closed = listening.close()
  link.tell({ type: 'refusing' })
  await closed
}

/** The part of the node's bounds that is this worker's; the parts add up to the whole. */
function shareOf(config: NodeConfig, worker: number): NodeConfig {
  const part = (whole: number): number =>
    Math.floor((whole * worker) / config.workers) - Math.floor((whole * (worker - 1)) / config.workers)
  return {
    ...config,
    cacheBytes: part(config.cacheBytes),
    cacheNegativeBytes: part(config.cacheNegativeBytes),
    cacheEntriesMax: Math.max(1, part(config.cacheEntriesMax)),
  }
}
