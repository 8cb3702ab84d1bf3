import { rm } from 'node:fs/promises'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { formatCount } from '../report/format-units.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { generateTrace } from '../simulator/generate-trace.ts'
import { fixedExponent, isExponentOf } from '../simulator/generated-trace.ts'
import type { TraceFormatName } from '../workload/traces/formats.ts'
import { detectFormat, loadDenseTrace } from '../workload/traces/load-dense-trace.ts'
import { TraceError } from '../workload/traces/trace-error.ts'
import { writeTrace } from '../workload/traces/write-trace.ts'
import { openTraceNamed } from './simulate.ts'
import type { ConvertTraceFlags, GenerateTraceFlags } from './simulate-options.ts'

/** `erji-bench trace generate`: draws a trace from a distribution and writes it. */
export async function runTraceGenerate(
  options: GenerateTraceFlags,
  context: CommandContext,
): Promise<ExitCode> {
  if (!isExponentOf(options.distribution, options.exponent))
    throw new UsageError([`--exponent is "${options.exponent}"; ${fixedExponent}`])
  const trace = generateTrace(options)
  const format = options.to ?? (await formatTold(options.out)) ?? 'oracleGeneral'
  await writeWhole(trace, { file: options.out, format, signal: context.signal })
  process.stdout.write(written(options.out, format, trace))
  return exitCodes.passed
}

/** `erji-bench trace convert IN OUT`: the same requests in another format. What the other cannot hold is named. */
export async function runTraceConvert(
  options: ConvertTraceFlags,
  context: CommandContext,
  files: readonly string[],
): Promise<ExitCode> {
  const [source, target, ...rest] = files
  if (source === undefined || target === undefined || rest.length > 0)
    throw new UsageError([`${files.length} files were named; expected two: the trace and the file to write`])
  const { format, traceTypeParams: parameters, renumber } = options
  const to = options.to ?? (await formatTold(target))
  if (to === undefined)
    throw new UsageError([`the name "${target}" tells no format; name it with --to, such as oracleGeneral`])
  await openTraceNamed(source, async () => {
    const { trace, skipped } = await loadDenseTrace(source, {
      ids: !renumber,
      ...(format === undefined ? {} : { format }),
      ...(parameters === undefined ? {} : { parameters }),
    })
    await writeWhole(trace, { file: target, format: to, signal: context.signal })
    process.stdout.write(written(target, to, trace))
    if (skipped > 0)
      context.stream.write(`${formatCount(skipped)} requests for objects of no bytes were left out\n`)
  })
  return exitCodes.passed
}

/** A file that could not be written to its end is removed: half a trace looks like a whole one. */
async function writeWhole(...[trace, to]: Parameters<typeof writeTrace>): Promise<void> {
  try {
    await writeTrace(trace, to)
  } catch (error) {
    await rm(to.file, { force: true })
    throw error
  }
}

/** The format that a name alone tells, for a file that is not there yet. */
async function formatTold(file: string): Promise<TraceFormatName | undefined> {
  try {
    return await detectFormat(file, { head: Buffer.alloc(0) })
  } catch (error) {
    if (error instanceof TraceError) return undefined
    throw error
  }
}

function written(
  file: string,
  format: TraceFormatName,
  { requests, objects }: { readonly requests: number; readonly objects: number },
): string {
  return `${file} (${format}): ${formatCount(requests)} requests for ${formatCount(objects)} different objects\n`
}
