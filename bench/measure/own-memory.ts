import { readFileSync } from 'node:fs'

/**
 * Resident bytes of a process that are its own: without the engine's tables, which are mapped and which the kernel
 * takes back as it takes back the page cache (RssAnon, proc(5)). Undefined where the system does not tell.
 */
export function ownResidentBytes(pid: number): number | undefined {
  try {
    const [, kilobytes] = /^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}
