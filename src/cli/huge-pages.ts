import { readFileSync } from 'node:fs'

const enabledFile = '/sys/kernel/mm/transparent_hugepage/enabled'
/** Makes glibc ask for huge pages where it takes memory from the kernel (glibc manual, "Memory Related Tunables"). */
const tunables = 'glibc.malloc.hugetlb=1'

/**
 * Starts this very process anew with large memory in huge pages, where the kernel gives them to whoever asks: index, filters and
 * cached records of a large node are read in no order, and most of what a miss costs more than in a small one is finding
 * their pages (docs/decisions/016-huge-pages.md). Returns where there is nothing to do: glibc reads its tunables only once.
 */
export function takeHugePages(): void {
  if (process.platform !== 'linux' || process.execve === undefined || process.permission !== undefined) return
  if (process.env.GLIBC_TUNABLES !== undefined || !areForTheAsking()) return
  const commandLine = [process.execPath, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(process.execPath, commandLine, { ...process.env, GLIBC_TUNABLES: tunables })
}

function areForTheAsking(): boolean {
  try {
    return readFileSync(enabledFile, 'utf8').includes('[madvise]')
  } catch {
    // A kernel without them, or a container that does not show it.
    return false
  }
}
