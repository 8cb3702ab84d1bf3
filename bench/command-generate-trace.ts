import type { CommandContext } from './command-context.ts'
import { formatCount } from './report/format-units.ts'
import type { GenerateTraceFlags } from './simulate-options.ts'
import { generateTrace } from './simulator/generate-trace.ts'
import { type ExitCode, exitCodes } from './verdict.ts'
import { writeOracleGeneral } from './workload/traces/write-oracle-general.ts'

/** `erji-bench generate-trace`: draws a trace and writes it as libCacheSim's oracleGeneral. */
export async function runGenerateTrace(
  options: GenerateTraceFlags,
  _context: CommandContext,
): Promise<ExitCode> {
  const trace = generateTrace(options)
  await writeOracleGeneral(trace, options.out)
  const { requests, objects } = trace
  process.stdout.write(
    `${options.out}: ${formatCount(requests)} requests for ${formatCount(objects)} different objects\n`,
  )
  return exitCodes.passed
}
