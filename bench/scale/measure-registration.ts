import { setTimeout as sleep } from 'node:timers/promises'
import { processUsage } from '../measure/process-usage.ts'
import { TargetError } from '../target/target-error.ts'
import { createPermutation } from '../workload/distributions/permutation.ts'
import { createRecordGenerator, type RecordGenerator } from '../workload/record-generator.ts'
import type { DriveContext } from './drive.ts'
import { type ScaleContext, withNode } from './scale-node.ts'
import type { RegistrationResult } from './scale-result.ts'

const batchRecords = 1000
const batchesInFlight = 4
const busyDelayMs = 50
const cacheBytes = 64 * 2 ** 20

/**
 * Registers in bulk, over HTTP, handles that fall between the loaded ones in random order: the counterfeits of the
 * loaded identifiers, as if they were genuine. Every write meets another table, which is what compaction has to sort out.
 */
export async function measureRegistration(context: ScaleContext): Promise<RegistrationResult> {
  const { flags, identifiers } = context
  const generator = betweenLoaded(
    createRecordGenerator({ prefix: flags.prefix, seed: flags.seed, toleratesAddedAdmin: true }),
    { identifiers, seed: flags.seed },
  )
  const node = { cacheBytes, cacheEntriesMax: 100_000, durability: 'os', generator }
  return withNode(context, node, (_node, drive) => register(context, drive))
}

async function register(context: ScaleContext, drive: DriveContext): Promise<RegistrationResult> {
  const { flags, identifiers, clock, signal } = context
  const { target, nodePid } = drive
  const statistics = (await target.statistics(AbortSignal.timeout(30_000))) ?? {}
  // What an interrupted measurement registered is there already; the prefix has two records of its own.
  let next = Math.max(0, (statistics.records ?? 0) - identifiers - 2)
  const acknowledged: { readonly atNs: number; readonly records: number }[] = []
  let failed = 0
  let longestBatchNs = 0
  const cpuBefore = processUsage(nodePid)?.cpuSeconds ?? 0
  const startNs = clock.nowNs()
  const endNs = startNs + flags.registerSeconds * 1e9
  const work = async (): Promise<void> => {
    while (clock.nowNs() < endNs && !signal.aborted && next + batchRecords <= identifiers) {
      const first = next
      next += batchRecords
      const sentNs = clock.nowNs()
      const result = await registerPatiently(drive, { first, end: first + batchRecords })
      longestBatchNs = Math.max(longestBatchNs, clock.nowNs() - sentNs)
      failed += result.failed
      acknowledged.push({ atNs: clock.nowNs() - startNs, records: result.created + result.identical })
    }
  }
  await Promise.all(Array.from({ length: batchesInFlight }, work))
  const seconds = (clock.nowNs() - startNs) / 1e9
  const registered = acknowledged.reduce((sum, { records }) => sum + records, 0)
  const lastQuarter = acknowledged.filter(({ atNs }) => atNs > seconds * 0.75e9)
  const cpuSeconds = (processUsage(nodePid)?.cpuSeconds ?? 0) - cpuBefore
  return {
    registered,
    failed,
    perSecond: registered / seconds,
    perSecondOfLastQuarter:
      lastQuarter.reduce((sum, { records }) => sum + records, 0) / Math.max(0.001, seconds / 4),
    nodeCpuMicroseconds: registered === 0 ? 0 : (cpuSeconds * 1e6) / registered,
    longestGapSeconds: longestGapNs(acknowledged.map(({ atNs }) => atNs)) / 1e9,
    longestBatchSeconds: longestBatchNs / 1e9,
    durability: 'os',
  }
}

/** A node that is busy is asked again: the time that takes is part of the stall. */
async function registerPatiently(
  { target, signal }: DriveContext,
  { first, end }: { readonly first: number; readonly end: number },
) {
  for (;;) {
    try {
      return await target.registerRange(first, end, new AbortController().signal)
    } catch (error) {
      if (!(error instanceof TargetError) || error.code !== 'BUSY' || signal.aborted) throw error
      await sleep(busyDelayMs)
    }
  }
}

function betweenLoaded(
  loaded: RecordGenerator,
  options: { readonly identifiers: number; readonly seed: number },
): RecordGenerator {
  const permutation = createPermutation({ items: options.identifiers, seed: options.seed })
  return {
    ...loaded,
    handleOf: (ordinal) => loaded.absentHandleOf(permutation(ordinal)),
    recordOf: (ordinal, revision) => ({
      ...loaded.recordOf(permutation(ordinal), revision),
      handle: loaded.absentHandleOf(permutation(ordinal)),
    }),
  }
}

function longestGapNs(atNs: readonly number[]): number {
  return atNs.reduce((longest, at, index) => Math.max(longest, at - (atNs[index - 1] ?? 0)), 0)
}
