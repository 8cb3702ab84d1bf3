import { statSync } from 'node:fs'
import { systemClock } from '../../src/support/clock.ts'
import { startProgress } from '../cli/progress.ts'
import { isGenerated } from './generated-trace.ts'

/** Shows how far a trace file has been read, with the time left; short ones end before the first sign. */
export async function withReadingProgress<Result>(
  file: string,
  stream: NodeJS.WriteStream,
  read: (whenRead: (fileBytes: number) => void) => Promise<Result>,
): Promise<Result> {
  const total = isGenerated(file) ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0)
  if (total < shownFromBytes) return read(() => undefined)
  const label = `read ${file}`
  const progress = startProgress({ label, total, unit: 'bytes', clock: systemClock, stream })
  try {
    return await read((fileBytes) => progress.update(fileBytes))
  } finally {
    progress.stop()
  }
}

// Read in about a second.
const shownFromBytes = 2 ** 26
