import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** One file of a result: how its name ends, such as `.json` or `-series.csv`, and what makes its content. */
export type ResultFile = readonly [ending: string, render: () => string | Buffer]

export type ResultFiles = {
  /** Made where it is missing. */
  readonly directory: string
  /** When the measurement began, as ISO 8601. */
  readonly startedAt: string
  /** What was measured, for the names of the files. */
  readonly name: string
  /** The one that must not be lost comes first: it is written before the others are made, and takes the name for all. */
  readonly files: readonly [ResultFile, ...ResultFile[]]
}

/**
 * Writes the files of one result as `<timestamp>-<name><ending>` and gives their paths. An existing file is never overwritten: the
 * second result of one second ends in `-2`.
 */
export async function writeResult({
  directory,
  startedAt,
  name,
  files,
}: ResultFiles): Promise<readonly string[]> {
  await mkdir(directory, { recursive: true })
  const [[firstEnding, renderFirst], ...others] = files
  const wanted = join(directory, `${resultTimestamp(startedAt)}-${name}`)
  const stem = await writeUnderFreeStem({ wanted, ending: firstEnding, content: renderFirst() })
  for (const [ending, render] of others) await writeFile(`${stem}${ending}`, render(), { flag: 'wx' })
  return files.map(([ending]) => `${stem}${ending}`)
}

/** A time in ISO 8601 as names of files have it: to the second, without colons. */
export function resultTimestamp(isoTime: string): string {
  return isoTime.replace(/\.\d+/, '').replaceAll(':', '-')
}

/** A document as JSON that people can read too. */
export function readableJson(document: unknown): string {
  return `${JSON.stringify(document, undefined, 2)}\n`
}

/** Programs may be asked twice in a second, and two of them at once; the file system says who was first. */
async function writeUnderFreeStem(file: {
  readonly wanted: string
  readonly ending: string
  readonly content: string | Buffer
}): Promise<string> {
  for (let count = 1; ; count++) {
    const stem = count === 1 ? file.wanted : `${file.wanted}-${count}`
    try {
      await writeFile(`${stem}${file.ending}`, file.content, { flag: 'wx' })
      return stem
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}
