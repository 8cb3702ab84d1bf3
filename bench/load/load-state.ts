import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

/** Which load a state belongs to: the same identifiers on the same target. */
export type LoadIdentity = {
  readonly target: string
  readonly prefix: string
  readonly seed: number
  /** As text, where the records have descriptions. */
  readonly sizes?: string
}

/** How far an interrupted load came, kept in a file so that the next one goes on from there. */
export interface LoadState {
  readonly file: string
  /** All ordinals below this are registered. */
  readCompleted(): number
  writeCompleted(completed: number): void
  remove(): void
}

const schema = z.object({
  target: z.string(),
  prefix: z.string(),
  seed: z.number(),
  completed: z.int().nonnegative(),
})

/** The state of one load in a directory; the file's name is made from what identifies the load. */
export function openLoadState(directory: string, identity: LoadIdentity): LoadState {
  const { target, prefix, seed, sizes } = identity
  const key = createHash('sha256')
    .update(JSON.stringify([target, prefix, seed, ...(sizes === undefined ? [] : [sizes])]))
    .digest('hex')
    .slice(0, 12)
  const file = join(directory, `erji-load-${key}.json`)
  return {
    file,
    readCompleted: () => readCompleted(file),
    writeCompleted(completed) {
      mkdirSync(dirname(file), { recursive: true })
      // Renamed into place, so that an interruption leaves the old state or the new one.
      writeFileSync(`${file}.new`, `${JSON.stringify({ target, prefix, seed, completed })}\n`)
      renameSync(`${file}.new`, file)
    },
    remove: () => rmSync(file, { force: true }),
  }
}

function readCompleted(file: string): number {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0
    throw error
  }
  try {
    return schema.parse(JSON.parse(text)).completed
  } catch (cause) {
    throw new Error(`${file} is not the state of a load; remove it to load from the beginning`, { cause })
  }
}
