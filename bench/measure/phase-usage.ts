import type { Clock } from '../../src/support/clock.ts'
import {
  grownSince,
  machineCpuSeconds,
  machineGrownSince,
  ranOnCores,
  waitedForCores,
} from './machine-usage.ts'
import { ownUsage, processUsage } from './process-usage.ts'

/** CPU time and memory of a phase, under the report's names. */
export type PhaseUsage = {
  readonly harnessCpuSeconds: number
  readonly nodeCpuSeconds?: number
  readonly nodeWaitedSeconds?: number
  readonly nodeResidentBytes?: number
  readonly machineCpuSeconds?: number
}

/** Starts counting this process, the machine and, where it runs on this machine, the node. */
export function startUsage(nodePid: number | undefined, clock: Clock): { stop(): PhaseUsage } {
  const own = ownUsage()
  const machine = machineCpuSeconds(clock)
  const node = nodePid === undefined ? undefined : startNodeUsage(nodePid)
  return {
    stop() {
      const machineNow = machineCpuSeconds(clock)
      return {
        harnessCpuSeconds: ownUsage().cpuSeconds - own.cpuSeconds,
        ...node?.stop(),
        ...(machine === undefined || machineNow === undefined
          ? {}
          : { machineCpuSeconds: machineGrownSince(machine, machineNow) }),
      }
    },
  }
}

type NodeUsage = Pick<PhaseUsage, 'nodeCpuSeconds' | 'nodeWaitedSeconds' | 'nodeResidentBytes'>

function startNodeUsage(pid: number): { stop(): NodeUsage } | undefined {
  const before = processUsage(pid)
  const waitedBefore = waitedForCores(pid)
  // In nanoseconds where the kernel tells them: steps of 10 ms are too coarse for phases of a second.
  const ranBefore = ranOnCores(pid)
  if (before === undefined) return undefined
  return {
    stop() {
      const now = processUsage(pid)
      const waitedNow = waitedForCores(pid)
      const ranNow = ranOnCores(pid)
      if (now === undefined) return {}
      return {
        nodeCpuSeconds:
          ranBefore === undefined || ranNow === undefined
            ? now.cpuSeconds - before.cpuSeconds
            : grownSince(ranBefore, ranNow),
        ...(waitedBefore === undefined || waitedNow === undefined
          ? {}
          : { nodeWaitedSeconds: grownSince(waitedBefore, waitedNow) }),
        nodeResidentBytes: now.residentBytes,
      }
    },
  }
}
