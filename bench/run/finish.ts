import { formats } from '../report/index.ts'
import type { Report } from '../report/report.ts'
import { type ExitCode, exitCodeOf } from '../report/verdict.ts'
import { writeReport } from '../report/write-report.ts'

/** Prints a report, writes its files and tells the exit code. */
export async function finish(
  report: Report,
  options: { readonly directory: string; readonly json?: boolean | undefined },
): Promise<ExitCode> {
  const { directory, json = false } = options
  const paths = await writeReport({ report, directory })
  process.stdout.write(json ? formats.json(report) : `\n${formats.console(report)}\n`)
  if (!json) for (const path of Object.values(paths)) process.stdout.write(`${path}\n`)
  return exitCodeOf(report.verdict, report.phases)
}
