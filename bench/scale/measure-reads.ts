import { totalmem } from 'node:os'
import { join } from 'node:path'
import { ownResidentBytes } from '../measure/own-memory.ts'
import { NodeProcessError } from '../node/node-process.ts'
import { TargetError } from '../target/target-error.ts'
import type { Workload } from '../workload/workload.ts'
import { driveClosed, driveOffered, workloadOf } from './drive.ts'
import { readLoopDelay } from './loop-delay.ts'
import { dropPageCache } from './page-cache.ts'
import { type ScaleContext, withNode } from './scale-node.ts'
import type { AskedName, ReadResult } from './scale-result.ts'

export type ReadPlan = { readonly asked: AskedName; readonly cacheShare: number }

/**
 * One cache size and one way of asking, of a node that has just started with no record in memory: cold at the offered
 * rate, then driven warm, then as fast as one driver goes, then at the offered rate again.
 */
export async function measureReads(context: ScaleContext, plan: ReadPlan): Promise<ReadResult> {
  const { flags, identifiers } = context
  const cacheEntriesMax = Math.max(1, Math.round(identifiers * plan.cacheShare))
  const found: ReadResult = { ...plan, cacheEntriesMax }
  try {
    return { ...found, ...(await measure(context, { ...plan, cacheEntriesMax })) }
  } catch (error) {
    // A node that dies or stops answering is a finding; the other measurements go on.
    if (!(error instanceof TargetError) && !(error instanceof NodeProcessError)) throw error
    context.say(`${flags.prefix}: ${plan.asked} could not be measured: ${error.message}`)
    return { ...found, failed: error.message }
  }
}

const codeWarmSeconds = 3
const oneRecord: Workload = { next: () => ({ kind: 'resolve', ordinal: 0, revision: 0 }) }

async function measure(
  context: ScaleContext,
  { asked, cacheEntriesMax }: ReadPlan & { readonly cacheEntriesMax: number },
): Promise<Partial<ReadResult>> {
  const { flags, identifiers, dataDirectory } = context
  const { seed, rate: ratePerSecond, connections } = flags
  const cacheBytes = Math.round(Math.min(Math.max(cacheEntriesMax * 2048, 16 * 2 ** 20), totalmem() / 3))
  return withNode(context, { cacheBytes, cacheEntriesMax, durability: 'os' }, async (node, drive) => {
    const workload = workloadOf(asked, { identifiers, seed })
    // The first thousands of requests compile the node's code: cold shall mean that the data is not in memory.
    await driveClosed(drive, { workload: oneRecord, connections, durationSeconds: codeWarmSeconds })
    dropPageCache(join(dataDirectory, 'records'))
    await readLoopDelay(node.url)
    const offered = { workload, ratePerSecond, seed }
    const cold = await driveOffered(drive, { ...offered, durationSeconds: flags.coldSeconds })
    const coldLoopDelaySeconds = await readLoopDelay(node.url)
    await driveClosed(drive, { workload, connections, durationSeconds: flags.warmUp })
    const closed = await driveClosed(drive, { workload, connections, durationSeconds: flags.duration })
    const warm = await driveOffered(drive, { ...offered, durationSeconds: flags.duration })
    const nodeResidentBytes = ownResidentBytes(node.pid)
    const { firstFailure = cold.firstFailure } = warm
    return {
      cold,
      // Nothing answered is no measurement: the next run tries again.
      ...(warm.answered > 0 && closed.perSecond > 0
        ? {}
        : { failed: firstFailure ?? 'nothing was answered' }),
      ...(coldLoopDelaySeconds === undefined ? {} : { coldLoopDelaySeconds }),
      closed,
      warm,
      ...(nodeResidentBytes === undefined ? {} : { nodeResidentBytes }),
    }
  })
}
