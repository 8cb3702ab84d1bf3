import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isMainThread, workerData } from 'node:worker_threads'

/**
 * Preloaded into a node under test (`NODE_OPTIONS=--import`), so that the node itself needs no way to be broken: a worker
 * throws where nobody catches as soon as a file with its number appears, and before it listens while another one is there.
 */
const directory = process.env.DYING_WORKER_DIRECTORY
if (!isMainThread && directory !== undefined) {
  const { worker } = workerData as { worker: number }
  const order = join(directory, `die-${worker}`)
  if (existsSync(join(directory, `never-start-${worker}`))) throw new Error('a worker that cannot start')
  setInterval(() => {
    if (!existsSync(order)) return
    rmSync(order)
    throw new Error('a worker that was told to die')
  }, 10).unref()
}
