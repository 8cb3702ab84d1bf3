import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are missing; one that is there is left as it is. Node's own recursive mkdir tries for ever
 * where a parent exists but takes no children, as `/proc` does. @throws the system's error
 */
export async function makeDirectory(path: string): Promise<void> {
  const refusal = await refusalOf(path)
  if (refusal === undefined) return
  if (refusal.code !== 'ENOENT') throw refusal
  // A missing parent may be made by another call at any moment, so it is not looked at: it is made, and then this once more.
  await makeDirectory(dirname(path))
  const again = await refusalOf(path)
  if (again !== undefined) throw again
}

/** Why the directory was not made; undefined when it is there. */
async function refusalOf(path: string): Promise<NodeJS.ErrnoException | undefined> {
  try {
    await mkdir(path)
    return undefined
  } catch (error) {
    return (await isDirectory(path)) ? undefined : (error as NodeJS.ErrnoException)
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // Not there, or behind something that cannot be looked into: no directory to write in either way.
    return false
  }
}
