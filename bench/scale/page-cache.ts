import { execFileSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PageCacheMethod } from './scale-result.ts'

/**
 * Makes the operating system forget the files of a database, by whichever way this user may: the kernel's switch for
 * all files (Documentation/admin-guide/sysctl/vm.rst), or dd's advice (posix_fadvise DONTNEED) for each.
 */
export function dropPageCache(databasePath: string): PageCacheMethod {
  execFileSync('sync')
  try {
    writeFileSync('/proc/sys/vm/drop_caches', '1\n')
    return 'drop_caches'
  } catch (error) {
    if (!isExpected(error)) throw error
  }
  try {
    for (const name of readdirSync(databasePath)) {
      execFileSync('dd', [`if=${join(databasePath, name)}`, 'iflag=nocache', 'count=0'], { stdio: 'ignore' })
    }
    return 'posix_fadvise'
  } catch (error) {
    if (!isExpected(error)) throw error
    return 'not dropped'
  }
}

/** Not permitted, not Linux, or no dd: the caller says what was done instead. */
function isExpected(error: unknown): boolean {
  return error instanceof Error && ('code' in error || 'status' in error)
}
