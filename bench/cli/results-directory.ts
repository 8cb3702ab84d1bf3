import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { makeDirectory } from '../../src/support/make-directory.ts'
import * as flags from './flags.ts'

/** The `--out` of every command that writes its results into a directory. */
export const resultsDirectory = flags
  .text('expected the path of a directory')
  .default('results')
  .describe('directory of the results')

/** Makes a directory that a flag names, before anything is measured that would be lost without it. @throws UsageError */
export async function prepareDirectoryOf(flag: string, path: string): Promise<void> {
  try {
    await makeDirectory(path)
    await access(path, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new flags.UsageError([
      `--${flag} is "${path}"; expected a directory that can be written (${(error as Error).message})`,
    ])
  }
}
