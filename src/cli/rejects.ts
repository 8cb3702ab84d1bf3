import { type FileHandle, open } from 'node:fs/promises'
import { StartupError } from '../errors.ts'
import type { Refusal } from './import-batches.ts'

/** What the node refused: counted, the first ones shown, all of them written where a file is named. */
export type Rejects = AsyncDisposable & {
  readonly count: number
  add(line: string, refusal: Refusal): void
}

const shownMax = 10

/** @throws StartupError CONFIG_INVALID when the file cannot be written. */
export async function openRejects(path: string | undefined): Promise<Rejects> {
  const file = path === undefined ? undefined : await openForWriting(path)
  const output = file?.createWriteStream()
  let count = 0
  return {
    get count() {
      return count
    },
    add: (line, refusal) => {
      count++
      if (count <= shownMax) process.stderr.write(`${JSON.stringify(refusal)}\n`)
      output?.write(`${JSON.stringify({ item: itemOf(line), error: refusal })}\n`)
    },
    [Symbol.asyncDispose]: () => new Promise((resolve) => (output ? output.end(resolve) : resolve())),
  }
}

async function openForWriting(path: string): Promise<FileHandle> {
  try {
    // For its owner alone: refused records hold their administrators' secrets.
    return await open(path, 'w', 0o600)
  } catch (cause) {
    const problem = `--rejects "${path}" cannot be written: ${(cause as Error).message}`
    throw new StartupError('CONFIG_INVALID', problem, { cause })
  }
}

/** As JSON where it is, as text where it is not: a line that is no JSON is one of the things that get refused. */
function itemOf(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}
