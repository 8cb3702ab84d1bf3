import { availableParallelism } from 'node:os'
import * as flags from '../cli/flags.ts'
import { hasProgram } from './spawned.ts'

/** The flag of comparisons that pin. */
export const pinnedFlag = flags
  .oneOf(['yes', 'no'])
  .default('yes')
  .describe('whether client and nodes get cores of their own')

/** What servers and client are started through so that they do not take each other's cores. */
export type Pinning = {
  readonly server: readonly string[]
  readonly client: readonly string[]
  readonly clientCore: number
  /** For the report. */
  readonly about: string
}

/**
 * Cores of its own for each worker and one for the client, where the machine has as many. Where it has not, the workers share
 * all but the client's: what they cost each other shows there too, what they carry together does not. Undefined where there is
 * one core, or no taskset (util-linux).
 */
export function pinning(workers: number): Pinning | undefined {
  const cores = availableParallelism()
  if (cores < 2 || !hasProgram('taskset')) return undefined
  const clientCore = Math.min(cores - 1, workers)
  const serverCores = `0-${clientCore - 1}`
  const shared =
    clientCore < workers
      ? ' Threads that share a core carry no more together than one: only the ratio per CPU second counts.'
      : ''
  return {
    server: ['taskset', '--cpu-list', serverCores],
    client: ['taskset', '--cpu-list', String(clientCore)],
    clientCore,
    about: `The nodes were pinned to cores ${serverCores}, the client to core ${clientCore}.${shared}`,
  }
}
