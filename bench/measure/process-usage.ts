import { readProcFile, ticksPerSecond } from './proc-files.ts'

/** What a process has used: CPU seconds of all its threads since it started, and the memory it holds now. */
export type ProcessUsage = { readonly cpuSeconds: number; readonly residentBytes: number }

/**
 * Usage of any process on this machine, read from /proc/PID/stat and status (proc(5)); undefined where there is no
 * such process or no such file system. CPU time comes in steps of 10 ms.
 */
export function processUsage(pid: number): ProcessUsage | undefined {
  const stat = readProcFile(`${pid}/stat`)
  const status = readProcFile(`${pid}/status`)
  return stat === undefined || status === undefined ? undefined : parseProcessUsage({ stat, status })
}

/** Usage of this process, all threads included, on every platform. */
export function ownUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage()
  return { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() }
}

/** Reads the two files; undefined where they do not say, as for a process that has ended and waits to be reaped. */
export function parseProcessUsage(files: {
  readonly stat: string
  readonly status: string
}): ProcessUsage | undefined {
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = files.stat.slice(files.stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const residentKilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(files.status)?.[1])
  if (!Number.isFinite(ticks) || !Number.isFinite(residentKilobytes)) return undefined
  return { cpuSeconds: ticks / ticksPerSecond, residentBytes: residentKilobytes * 1024 }
}
