import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are missing; one that is there is left as it is. Node's own recursive mkdir tries for ever
 * where a parent exists but takes no children, as `/proc` does. @throws the system's error
 */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path)
    return
  } catch (error) {
    if (await isDirectory(path)) return
    const parentIsMissing =
      (error as NodeJS.ErrnoException).code === 'ENOENT' && !(await isDirectory(dirname(path)))
    if (!parentIsMissing) throw error
  }
  await makeDirectory(dirname(path))
  await makeDirectory(path)
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch {
    // Not there, or behind something that cannot be looked into: no directory to write in either way.
    return false
  }
}
