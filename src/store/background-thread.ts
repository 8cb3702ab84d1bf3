import { existsSync, readdirSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'

/**
 * Makes the engine start its one thread for flushes and compactions, by `starts`, and lets everything else of the machine go before
 * it: a compaction takes a core for seconds, and where there is none to spare, requests queue behind it (decision 010). Answers the
 * thread; undefined where the system does not tell which it is, where it runs already, or where there is none.
 */
export async function yieldBackgroundThread(starts: () => Promise<unknown>): Promise<number | undefined> {
  const before = threadsOfProcess()
  if (before === undefined || getPriority() >= backgroundNice) return undefined
  await starts()
  const started = threadsOfProcess()?.filter((thread) => !before.includes(thread)) ?? []
  const [thread] = started
  // Another thread began meanwhile: better none than a wrong one.
  if (thread === undefined || started.length > 1) return undefined
  // Linux takes the number of a thread where others take a process (setpriority(2)).
  setPriority(thread, backgroundNice)
  return thread
}

/** Under full load a tenth of a core, which the engine's own limits on tables that wait make more where it must be. */
export const backgroundNice = 10

const threadsDirectory = '/proc/self/task'

function threadsOfProcess(): readonly number[] | undefined {
  return existsSync(threadsDirectory) ? readdirSync(threadsDirectory).map(Number) : undefined
}
