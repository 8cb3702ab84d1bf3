import { ownUsage, processUsage } from './measure/process-usage.ts'

/** CPU time and memory of a phase, under the report's names. */
export type PhaseUsage = {
  readonly harnessCpuSeconds: number
  readonly nodeCpuSeconds?: number
  readonly nodeResidentBytes?: number
}

/** Starts counting this process and, where it runs on this machine, the node's. */
export function startUsage(nodePid: number | undefined): { stop(): PhaseUsage } {
  const own = ownUsage()
  const node = nodePid === undefined ? undefined : processUsage(nodePid)
  return {
    stop() {
      const harnessCpuSeconds = ownUsage().cpuSeconds - own.cpuSeconds
      const nodeNow = nodePid === undefined ? undefined : processUsage(nodePid)
      if (node === undefined || nodeNow === undefined) return { harnessCpuSeconds }
      const nodeCpuSeconds = nodeNow.cpuSeconds - node.cpuSeconds
      return { harnessCpuSeconds, nodeCpuSeconds, nodeResidentBytes: nodeNow.residentBytes }
    },
  }
}
