import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { threadId } from 'node:worker_threads'
import { StartupError } from './errors.ts'

const secretBytes = 32

/**
 * The secret of an access trace, in the file beside it: whoever has only the trace cannot find out handles by hashing
 * guesses, and a trace goes on under the same names after a restart. Made, readable by its owner, where there is none.
 * @returns 64 hexadecimal digits.
 * @throws StartupError CONFIG_INVALID where the file cannot be read or made, or holds something else.
 */
export function accessTraceSecret(trace: string): string {
  const file = `${trace}.secret`
  try {
    if (!existsSync(file)) createOnce(file)
    const text = readFileSync(file, 'utf8').trim()
    if (!/^[0-9a-f]{64}$/.test(text))
      throw new Error(`it does not hold ${secretBytes * 2} hexadecimal digits`)
    return text
  } catch (error) {
    const problem = `--access-trace needs its secret in "${file}": ${(error as Error).message}`
    throw new StartupError('CONFIG_INVALID', problem, { cause: error })
  }
}

/** Linking a whole file fails for all but one of the threads that start at once, and none sees it half written. */
function createOnce(file: string): void {
  const draft = `${file}.${process.pid}.${threadId}`
  writeFileSync(draft, `${randomBytes(secretBytes).toString('hex')}\n`, { mode: 0o600, flag: 'wx' })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft, { force: true })
  }
}
