import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
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
  const stem = join(options.out, `${result.startedAt.replace(/\.\d+/, '').replaceAll(':', '-')}-gate`)
  await mkdir(options.out, { recursive: true })
  const paths: string[] = []
  for (const [ending, format] of Object.entries(gateFormats)) {
    const path = `${stem}.${ending}`
    await writeFile(path, format(result))
    paths.push(path)
  }
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
