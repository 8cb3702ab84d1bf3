import type { Clock } from '../../src/support/clock.ts'
import { listProcDirectory, readProcFile, ticksPerSecond } from './proc-files.ts'

/**
 * CPU seconds that all cores of this machine have spent since some moment, on anything at all: to be compared with what it
 * is later. Read from /proc/stat (proc(5)); undefined where there is no such file.
 */
export function machineCpuSeconds(clock: Clock): number | undefined {
  const text = readProcFile('stat')
  return text === undefined ? undefined : parseMachineCpuSeconds(text, clock.nowNs() / 1e9)
}

/**
 * What the cores did not idle, waiting for disks included. The kernel measures idling; what runs it only samples, and it
 * misses bursts that are shorter than its tick, of which an open loop is made.
 */
export function parseMachineCpuSeconds(stat: string, nowSeconds: number): number | undefined {
  const line = /^cpu +\d+ \d+ \d+ (\d+) (\d+)/m.exec(stat)
  if (line === null) return undefined
  const cores = stat.match(/^cpu\d+ /gm)?.length ?? 0
  return cores * nowSeconds - (Number(line[1]) + Number(line[2])) / ticksPerSecond
}

/** How far such seconds have grown; the kernel counts idling in steps, so over a moment they may seem to shrink. */
export function machineGrownSince(before: number, after: number): number {
  return Math.max(0, after - before)
}

/**
 * Seconds that the threads of a process have been ready to run without a core to run on (the second field of
 * /proc/PID/task/TID/schedstat), by thread; undefined where the kernel does not tell.
 */
export function waitedForCores(pid: number): ReadonlyMap<string, number> | undefined {
  return schedulerSeconds(pid, 1)
}

/** Seconds that the threads of a process have run on a core, to the nanosecond (the first field of the same file). */
export function ranOnCores(pid: number): ReadonlyMap<string, number> | undefined {
  return schedulerSeconds(pid, 0)
}

/** How far such seconds have grown since, threads that have come meanwhile included. */
export function grownSince(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): number {
  let seconds = 0
  for (const [thread, reached] of after) seconds += reached - (before.get(thread) ?? 0)
  return seconds
}

function schedulerSeconds(pid: number, field: 0 | 1): ReadonlyMap<string, number> | undefined {
  const byThread = new Map<string, number>()
  for (const thread of listProcDirectory(`${pid}/task`)) {
    const nanoseconds = Number(readProcFile(`${pid}/task/${thread}/schedstat`)?.split(' ')[field])
    if (Number.isFinite(nanoseconds)) byThread.set(thread, nanoseconds / 1e9)
  }
  return byThread.size === 0 ? undefined : byThread
}
