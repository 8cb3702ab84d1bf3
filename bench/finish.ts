import { formats } from './report/index.ts'
import type { Report } from './report/report.ts'
import { writeReport } from './report/write-report.ts'
import { type ExitCode, exitCodeOf } from './verdict.ts'

/** Prints a report, writes its files and tells the exit code. */
export async function finish(report: Report, options: { readonly directory: string }): Promise<ExitCode> {
  const { directory } = options
  const paths = await writeReport({ report, directory })
  process.stdout.write(`\n${formats.console(report)}\n`)
  for (const path of Object.values(paths)) process.stdout.write(`${path}\n`)
  return exitCodeOf(report.verdict, report.phases)
}
