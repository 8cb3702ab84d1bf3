import { readFileSync } from 'node:fs'

/**
 * How many tables LevelDB may keep open. A read in a table that is not open reads its index and filter again, half a
 * megabyte, so all tables of a store should be: at 500 million records they are two thousand. LevelDB maps the first
 * thousand into memory, which takes no descriptor; each further one takes one, and sockets need them too.
 */
export function openTablesMax(descriptorsMax = readDescriptorsMax()): number {
  return mappedTables + Math.min(furtherTablesMax, Math.floor(descriptorsMax / 2))
}

const mappedTables = 1000
const furtherTablesMax = 8000

/** The process's limit where the system tells it as a file; without one, nothing beyond the mapped tables is risked. */
function readDescriptorsMax(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return Number(soft ?? 0)
  } catch (error) {
    if (error instanceof Error && 'code' in error) return 0
    throw error
  }
}
