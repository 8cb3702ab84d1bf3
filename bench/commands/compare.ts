import { basename } from 'node:path'
import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { compareReports, incomparable, metricsInCommon } from '../gate/compare-reports.ts'
import { conclude } from '../gate/conclude.ts'
import { type GateResult, gateSchemaVersion } from '../gate/gate-result.ts'
import { HistoryError, historyTable, readHistory } from '../gate/history.ts'
import { tellWorkload } from '../gate/sides-told.ts'
import { sumUp } from '../gate/sum-up.ts'
import { compareHtml } from '../report/html/compare-page.ts'
import { ReportReadError, readReport } from '../report/read-report.ts'
import { writeResult } from '../report/result-files.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import type { CompareFlags } from './gate-options.ts'

/** `erji-bench compare A.json B.json`: judges one finished run against another. */
export async function runCompare(
  options: CompareFlags,
  context: CommandContext,
  files: readonly string[],
): Promise<ExitCode> {
  const [baselineFile, candidateFile, ...more] = files
  if (baselineFile === undefined || candidateFile === undefined || more.length > 0) {
    throw new UsageError([`${files.length} reports are given; expected two: BASELINE.json CANDIDATE.json`])
  }
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const [baseline, candidate] = [await report(baselineFile), await report(candidateFile)]
  const faults = incomparable(baseline, candidate, options)
  const results = faults.length > 0 ? [] : compareReports(baseline, candidate, options)
  const result: GateResult = {
    gateSchemaVersion,
    startedAt,
    seconds: 0,
    command: context.command,
    seed: options.seed,
    environment: candidate.environment,
    baseline: baselineFile,
    candidate: candidateFile,
    workload: tellWorkload(candidate.config),
    threshold: options.threshold,
    design: 'unpaired',
    results,
    repetitions: [],
    ...sumUp({ design: 'unpaired', results, gating: metricsInCommon(baseline, candidate), faults }),
  }
  const code = await conclude(result, { ...options, json: context.json })
  const compared = [
    { name: basename(baselineFile), report: baseline },
    { name: basename(candidateFile), report: candidate },
  ]
  const paths = await writeResult({
    ...{ directory: options.out, startedAt, name: 'compare' },
    files: [['.html', () => compareHtml(compared)]],
  })
  if (context.json !== true) process.stdout.write(`${paths.join('\n')}\n`)
  return code
}

/** `erji-bench history FILE`: the trend of every metric. */
export async function runHistory(
  _options: unknown,
  _context: CommandContext,
  files: readonly string[],
): Promise<ExitCode> {
  for (const file of files) {
    try {
      const entries = await readHistory(file)
      process.stdout.write(`${file}\n${historyTable(entries)}\n`)
    } catch (error) {
      if (error instanceof HistoryError) throw new UsageError([error.message])
      throw error
    }
  }
  return exitCodes.passed
}

async function report(file: string) {
  try {
    return await readReport(file)
  } catch (error) {
    if (error instanceof ReportReadError) throw new UsageError([error.message])
    throw error
  }
}
