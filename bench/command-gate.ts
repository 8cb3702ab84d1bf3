import { statSync } from 'node:fs'
import { systemClock } from '../src/support/clock.ts'
import type { CommandContext } from './command-context.ts'
import { conclude } from './gate/conclude.ts'
import { compareWithFile } from './gate/file-baseline.ts'
import { type GateResult, gateSchemaVersion } from './gate/gate-result.ts'
import { overall } from './gate/judge.ts'
import { cpuMetrics, fileGatingDefault, gatingDefault, type MetricName, metrics } from './gate/metric.ts'
import { openSide } from './gate/open-sides.ts'
import { type GateRun, runGate } from './gate/run-gate.ts'
import { GateInvalidError, nodeSides, type SideOptions } from './gate/side.ts'
import type { GateFlags } from './gate-options.ts'
import { collectEnvironment } from './measure/environment.ts'
import { ranOnCores } from './measure/machine-usage.ts'
import type { Session } from './session.ts'
import type { ExitCode } from './verdict.ts'

/** `erji-bench gate`: measures both sides by turns in one job and judges the candidate. */
export async function runGateCommand(options: GateFlags, context: CommandContext): Promise<ExitCode> {
  if (isFile(options.baseline)) return gateAgainstFile(options, context)
  const { command, signal, stream } = context
  const clock = systemClock
  const startedAt = new Date(clock.nowMs()).toISOString()
  const startNs = clock.nowNs()
  let gating: readonly MetricName[] = options.metrics ?? []
  const finish = (
    run: Pick<GateRun, 'repetitions' | 'results'>,
    faults: readonly string[],
  ): Promise<ExitCode> => {
    const missing = gating.filter((name) => !run.results.some(({ metric }) => metric === name))
    const reasons = [
      ...faults,
      ...missing.map((name) => `${name} could not be measured (${metrics[name].meaning})`),
    ]
    const verdict = overall(run.results.filter(({ gating }) => gating).map((result) => result.verdict))
    const result: GateResult = {
      gateSchemaVersion,
      startedAt,
      seconds: (clock.nowNs() - startNs) / 1e9,
      command,
      seed: options.seed,
      environment: collectEnvironment(),
      baseline: options.baseline,
      candidate: options.candidate,
      threshold: options.threshold,
      design: 'paired',
      ...run,
      verdict:
        faults.length > 0 ? 'invalid' : missing.length > 0 && verdict === 'passed' ? 'inconclusive' : verdict,
      reasons,
    }
    return conclude(result, { ...options, json: context.json })
  }
  try {
    const run = await measureSides(
      options,
      context,
      (chosen) => (gating = chosen),
      (repetition, results) => {
        const shown = results
          .filter(({ gating }) => gating)
          .map(({ metric, interval, verdict }) => `${metric} ${interval.ratio.toFixed(3)} ${verdict}`)
        stream.write(`pair ${repetition} of at most ${options.repetitionsMax}: ${shown.join(', ')}\n`)
      },
    )
    return await finish(
      run,
      run.interrupted && run.repetitions.length < options.repetitionsMin ? ['interrupted'] : [],
    )
  } catch (error) {
    if (!(error instanceof GateInvalidError) || signal.aborted) throw error
    return finish({ repetitions: [], results: [] }, [error.message])
  }
}

function isFile(baseline: string): boolean {
  return statSync(baseline, { throwIfNoEntry: false })?.isFile() === true
}

/** The baseline is a finished report: the candidate is measured as that was, and both are compared unpaired. */
async function gateAgainstFile(options: GateFlags, context: CommandContext): Promise<ExitCode> {
  const startNs = systemClock.nowNs()
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const { results, reasons, comparable, environment } = await compareWithFile(options, context)
  const { baseline, candidate, threshold, seed } = options
  const gating = results.map((result) => ({
    ...result,
    gating: options.metrics?.includes(result.metric) ?? fileGatingDefault.includes(result.metric),
  }))
  const verdicts = gating.filter((result) => result.gating).map(({ verdict }) => verdict)
  return conclude(
    {
      ...{ gateSchemaVersion, startedAt, command: context.command, seed, environment, baseline, candidate },
      ...{ threshold, design: 'unpaired', results: gating, repetitions: [], reasons },
      seconds: (systemClock.nowNs() - startNs) / 1e9,
      verdict: comparable ? overall(verdicts) : 'invalid',
    },
    { ...options, json: context.json },
  )
}

/** Opens both sides, alternates, closes both. */
async function measureSides(
  options: GateFlags,
  context: CommandContext,
  whenChosen: (gating: readonly MetricName[]) => void,
  whenRepeated: (repetition: number, results: GateRun['results']) => void,
): Promise<GateRun> {
  const opening = { ...options, ...context }
  const slices = slicesOf(options)
  const baseline = await openSide({ ...opening, side: 'baseline', at: options.baseline })
  try {
    const candidate = await openSide({ ...opening, side: 'candidate', at: options.candidate })
    try {
      const gating = options.metrics ?? (await measurable([baseline.session, candidate.session]))
      whenChosen(gating)
      return await runGate({
        ...options,
        sides: nodeSides({ baseline, candidate }, slices),
        gating,
        budgetSeconds: options.budget,
        clock: systemClock,
        signal: context.signal,
        whenRepeated,
      })
    } finally {
      await candidate.close()
    }
  } finally {
    await baseline.close()
  }
}

/** The metrics that count when none are named: CPU time cannot be read of a node that does not tell its process. */
async function measurable(sessions: readonly Session[]): Promise<readonly MetricName[]> {
  const identities = await Promise.all(sessions.map(({ target, signal }) => target.describe(signal)))
  const known = identities.every(({ pid }) => pid !== undefined && ranOnCores(pid) !== undefined)
  return gatingDefault.filter((name) => known || !cpuMetrics.includes(name))
}

/** What one repetition of a side is, by the flags. */
export function slicesOf(options: GateFlags): SideOptions {
  const { rate, slice, timeout } = options
  return { ...options, ratePerSecond: rate, sliceSeconds: slice, timeoutSeconds: timeout }
}
