import { readdirSync, readFileSync } from 'node:fs'

/** Linux reports times to programs in units of 1/100 s on every architecture that Node runs on. */
export const ticksPerSecond = 100

/** A file below /proc; undefined where there is none, as for a process that has ended or on another system. */
export function readProcFile(path: string): string | undefined {
  return unlessGone(() => readFileSync(`/proc/${path}`, 'utf8'))
}

/** The names in a directory below /proc; none where it is not there. */
export function listProcDirectory(path: string): readonly string[] {
  return unlessGone(() => readdirSync(`/proc/${path}`)) ?? []
}

function unlessGone<Result>(read: () => Result): Result | undefined {
  try {
    return read()
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
