#!/usr/bin/env node
import { CommanderError } from 'commander'
import { UsageError } from './cli/flags.ts'
import { listenForInterrupt } from './cli/interrupt.ts'
import { createCommandLine, performers } from './commands/command-line.ts'
import { WorkerError } from './driver/worker-pool.ts'
import { NodeProcessError } from './node/node-process.ts'
import { type ExitCode, exitCodeOfError, exitCodes } from './report/verdict.ts'
import { TargetError } from './target/target-error.ts'

/** The harness: reads the command line, performs one command, says by its exit code how it went. */

const interrupt = listenForInterrupt({ stream: process.stderr })
const context = {
  command: ['erji-bench', ...process.argv.slice(2)],
  signal: interrupt.signal,
  stream: process.stderr,
}

process.exitCode = await main()
interrupt.stop()

async function main(): Promise<ExitCode> {
  let code: ExitCode = exitCodes.passed
  const line = createCommandLine(context, { performers, done: (exitCode) => (code = exitCode) })
  try {
    await line.parseAsync(process.argv)
    return code
  } catch (error) {
    return explain(error)
  }
}

/** Puts what the operator can mend into words; everything else is a defect and keeps its stack. */
function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.passed : exitCodes.usage
  if (error instanceof UsageError) {
    for (const problem of error.problems) process.stderr.write(`erji-bench: ${problem}\n`)
    return exitCodes.usage
  }
  if (error instanceof TargetError || error instanceof WorkerError || error instanceof NodeProcessError) {
    process.stderr.write(`erji-bench: ${error.message}\n`)
    return exitCodeOfError(error)
  }
  throw error
}
