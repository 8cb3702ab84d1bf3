import { appendFile } from 'node:fs/promises'
import { type ResultFile, writeResult } from '../report/result-files.ts'
import { type ExitCode, exitCodes } from '../report/verdict.ts'
import { gateFormats, gateTable, githubAnnotations } from './formats.ts'
import type { GateResult } from './gate-result.ts'
import { appendHistory } from './history.ts'

export type ConcludeOptions = {
  readonly out: string
  readonly history?: string | undefined
  /** The exit code for a result that is not decided: a job may take doubt for a pass. */
  readonly inconclusiveExit: number
  /** Whether stdout gets the result as JSON. */
  readonly json?: boolean | undefined
}

/** Prints a result, writes its files, tells GitHub where it runs there, and gives the exit code. */
export async function conclude(result: GateResult, options: ConcludeOptions): Promise<ExitCode> {
  const { json, ...others } = gateFormats
  const paths = await writeResult({
    ...{ directory: options.out, startedAt: result.startedAt, name: 'gate' },
    files: [
      ['.json', () => json(result)],
      ...Object.entries(others).map(([ending, format]): ResultFile => [`.${ending}`, () => format(result)]),
    ],
  })
  if (options.history !== undefined) await appendHistory(options.history, result)
  process.stdout.write(
    options.json === true ? gateFormats.json(result) : `\n${gateTable(result)}\n${paths.join('\n')}\n`,
  )
  await tellGithub(result)
  return exitCodeFor(result, options.inconclusiveExit)
}

/** Exit codes of a gate: 0 passed, 1 regressed, 3 invalid, and what was asked for doubt (4). */
export function exitCodeFor({ verdict }: GateResult, inconclusiveExit: number): ExitCode {
  switch (verdict) {
    case 'passed':
      return exitCodes.passed
    case 'regressed':
      return exitCodes.failed
    case 'invalid':
      return exitCodes.invalid
    case 'inconclusive':
      return inconclusiveExit as ExitCode
  }
}

async function tellGithub(result: GateResult): Promise<void> {
  if (process.env.GITHUB_ACTIONS !== 'true') return
  // The runner reads both streams, and stdout may hold the result as JSON.
  process.stderr.write(githubAnnotations(result))
  const summary = process.env.GITHUB_STEP_SUMMARY
  if (summary !== undefined && summary !== '') await appendFile(summary, gateFormats.md(result))
}
