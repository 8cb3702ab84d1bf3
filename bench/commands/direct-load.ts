import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { HandleError, StartupError } from '../../src/errors.ts'
import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { type DirectLoadResult, loadDirectly } from '../direct-load/direct-load.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { recordsOf } from '../run/identifying.ts'
import type { LoadFlags } from './run-options.ts'

/** `erji-bench load --direct`: writes generated identifiers into a stopped node's data directory, without HTTP. */
export async function runDirectLoad(
  flags: LoadFlags & { readonly direct: string },
  context: CommandContext,
): Promise<ExitCode> {
  const { direct: directory, identifiers, sample, secretFile, out } = flags
  const { signal, stream, command } = context
  const records = recordsOf(flags)
  if (records.sizes !== undefined) {
    throw new UsageError([
      `--record-sizes is "${flags.recordSizes}" with --direct; expected plain: a direct load writes records without descriptions`,
    ])
  }
  if (flags.prefixes > 1) {
    throw new UsageError([
      `--prefixes is "${flags.prefixes}" with --direct; expected 1: a direct load fills one prefix`,
    ])
  }
  let result: DirectLoadResult
  try {
    result = await loadDirectly({
      directory,
      identifiers,
      records,
      secretFile,
      sample,
      clock: systemClock,
      signal,
      stream,
    })
  } catch (error) {
    if (error instanceof StartupError) throw new UsageError([error.message])
    if (!(error instanceof HandleError)) throw error
    stream.write(`erji-bench: ${error.message}; the same command again goes on from there\n`)
    return exitCodes.failed
  }
  mkdirSync(out, { recursive: true })
  const file = join(out, `erji-direct-load-${identifiers}.json`)
  const environment = collectEnvironment()
  const finishedAt = new Date(systemClock.nowMs()).toISOString()
  writeFileSync(file, `${JSON.stringify({ finishedAt, command, environment, ...result }, undefined, 2)}\n`)
  process.stdout.write(`${summaryOf(result)}\n${file}\n`)
  if (result.completed < identifiers) {
    stream.write(
      `${result.completed} of ${identifiers} identifiers are written; the same command again goes on from there\n`,
    )
    return exitCodes.invalid
  }
  return result.sampledWrong > 0 ? exitCodes.failed : exitCodes.passed
}

function summaryOf(result: DirectLoadResult): string {
  const { completed, resumedFrom, durationSeconds, recordsPerSecond, sampled, sampledWrong, firstWrong } =
    result
  const resumed = resumedFrom === 0 ? '' : ` (from ${resumedFrom} on)`
  const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`
  const own = result.ownBytesMax === undefined ? '' : `, ${mebibytes(result.ownBytesMax)} of them its own`
  return [
    `${completed} identifiers${resumed} in ${durationSeconds.toFixed(1)} s: ${Math.round(recordsPerSecond)}/s, ${result.cpuMicrosecondsPerRecord.toFixed(2)} µs of CPU each`,
    `${result.storeBytesPerRecord.toFixed(1)} bytes a record on disk, at most ${mebibytes(result.residentBytesMax)} resident${own}`,
    `${sampled} read back, ${sampledWrong} wrong${firstWrong === undefined ? '' : `; the first: ${firstWrong}`}`,
  ].join('\n')
}
