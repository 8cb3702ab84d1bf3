import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { parseConfig } from '../../src/config.ts'
import { systemClock } from '../../src/support/clock.ts'
import { openNodeOverWorkers } from '../../src/workers/node-over-workers.ts'
import type { WorkerPoolParts } from '../../src/workers/worker-pool.ts'
import { basic, testPrefix } from './node-process.ts'

/** A node of several workers, its main thread being this one, over a store that it leaves with. */
export type WorkerNode = AsyncDisposable & {
  readonly url: string
  /** The `Authorization` header of the administrator of the test prefix. */
  readonly administrator: string
}

/** Starts one on a free port, with the test prefix homed. */
export async function startWorkerNode(
  settings: Readonly<Record<string, unknown>> & { readonly workers: number },
  parts: Pick<WorkerPoolParts, 'memoryOf'> = {},
): Promise<WorkerNode> {
  const directory = await mkdtemp(join(tmpdir(), 'erji-workers-'))
  const config = parseConfig({
    data: join(directory, 'data'),
    prefix: testPrefix,
    host: '127.0.0.1',
    port: 0,
    durability: 'os',
    storeReserveBytes: 0,
    logLevel: 'silent',
    ...settings,
  })
  const log = pino({ level: 'silent' })
  const node = await openNodeOverWorkers(config, { clock: systemClock, log, ...parts })
  const { user = '', secret = '' } = node.administrators[0] ?? {}
  return {
    url: node.pool.urls[0] ?? '',
    administrator: basic(user, secret),
    [Symbol.asyncDispose]: async () => {
      await node.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
