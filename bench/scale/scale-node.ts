import { readFileSync } from 'node:fs'
import type { Clock } from '../../src/support/clock.ts'
import { type NodeProcess, startNode } from '../node/node-process.ts'
import { openHandleHttpTarget } from '../target/handle-http.ts'
import { createRecordGenerator, type RecordGenerator } from '../workload/record-generator.ts'
import type { DriveContext } from './drive.ts'
import type { ScaleFlags } from './scale-options.ts'

/** A loaded store and how a node over it is started. */
export type StoreContext = {
  readonly flags: Pick<ScaleFlags, 'prefix' | 'seed' | 'workers' | 'connections'>
  readonly identifiers: number
  readonly dataDirectory: string
  readonly secretFile: string
  readonly clock: Clock
  readonly signal: AbortSignal
  say(text: string): void
}

/** What all measurements of one size share. */
export type ScaleContext = StoreContext & { readonly flags: ScaleFlags }

export type ScaleNodeOptions = {
  readonly cacheBytes: number
  readonly cacheEntriesMax: number
  readonly durability: string
  /** The node's own unless given. */
  readonly cachePolicy?: string
  readonly writeBufferBytes?: number
  /** Knows what is asked and registered; the loaded identifiers unless given. */
  readonly generator?: RecordGenerator
}

const startSecondsMax = 120
const timeoutSeconds = 10

/** Starts a node on the loaded directory, opens the driver's connections, and ends both when `perform` has. */
export async function withNode<Result>(
  context: StoreContext,
  options: ScaleNodeOptions,
  perform: (node: NodeProcess & { readonly readySeconds: number }, drive: DriveContext) => Promise<Result>,
): Promise<Result> {
  const { flags, dataDirectory, secretFile, clock, signal } = context
  const { prefix, seed } = flags
  const startNs = clock.nowNs()
  const node = await startNode({
    dataDirectory,
    secretFile,
    prefix,
    durability: options.durability,
    cacheBytes: `${options.cacheBytes}B`,
    startSecondsMax,
    runtimeArguments: [`--max-old-space-size=${heapMebibytes(options.cacheBytes)}`],
    environment: {
      ERJI_WORKERS: String(flags.workers),
      ERJI_CACHE_ENTRIES_MAX: String(options.cacheEntriesMax),
      ...(options.writeBufferBytes === undefined
        ? {}
        : { ERJI_STORE_WRITE_BUFFER_BYTES: String(options.writeBufferBytes) }),
      ...(options.cachePolicy === undefined ? {} : { ERJI_CACHE_POLICY: options.cachePolicy }),
    },
  })
  try {
    const readySeconds = (clock.nowNs() - startNs) / 1e9
    const generator = options.generator ?? createRecordGenerator({ prefix, seed, toleratesAddedAdmin: true })
    const target = await openHandleHttpTarget({
      url: node.url,
      connections: flags.connections,
      timeoutSeconds,
      credentials: { user: `300:${prefix}/ADMIN`, secret: readFileSync(secretFile, 'utf8').trim() },
      generator,
      clock,
    })
    try {
      return await perform({ ...node, readySeconds }, { target, nodePid: node.pid, clock, signal })
    } finally {
      await target.close()
    }
  } finally {
    await node.stop()
  }
}

/** Room for a full cache and its garbage. */
function heapMebibytes(cacheBytes: number): number {
  return 1024 + Math.ceil((2 * cacheBytes) / 2 ** 20)
}
