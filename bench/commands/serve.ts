import { stat } from 'node:fs/promises'
import { z } from 'zod'
import type { CommandContext } from '../cli/command-context.ts'
import * as flags from '../cli/flags.ts'
import { UsageError } from '../cli/flags.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { serveResults } from '../serve/serve-results.ts'

/** The flags of `serve`. */
export const serveFlags = z.object({
  host: flags
    .text('expected an address of this machine')
    .default('127.0.0.1')
    .describe('address to listen at; others than loopback show the results to the network'),
  port: flags.count({ least: 0, most: 65_535 }).default(8090).describe('port to listen at; 0 for a free one'),
})
export type ServeFlags = z.infer<typeof serveFlags>

/** `erji-bench serve results/`: shows runs, capacities and gates of a directory in a browser until it is interrupted. */
export async function runServe(
  { host, port }: ServeFlags,
  { signal, stream }: CommandContext,
  directories: readonly string[],
): Promise<ExitCode> {
  const [directory, ...more] = directories
  if (directory === undefined || more.length > 0) {
    throw new UsageError([`${directories.length} directories are given; expected one`])
  }
  const found = await stat(directory).catch(() => undefined)
  if (found?.isDirectory() !== true) {
    throw new UsageError([`"${directory}" is no directory; expected one that holds results`])
  }
  const server = serveResults(directory)
  try {
    const address = await server.listen({ host, port }).catch((error: Error) => {
      throw new UsageError([`cannot listen at ${host}:${port}: ${error.message}`])
    })
    stream.write(`results of ${directory} at ${address} (Ctrl-C ends it)\n`)
    if (!signal.aborted)
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  } finally {
    server.server.closeAllConnections()
    await server.close()
  }
  return exitCodes.passed
}
