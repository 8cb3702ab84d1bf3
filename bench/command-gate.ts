import { statSync } from 'node:fs'
import { systemClock } from '../src/support/clock.ts'
import type { CommandContext } from './command-context.ts'
import { WorkerError } from './driver/worker-pool.ts'
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
import { NodeProcessError } from './node-process.ts'
import type { Session } from './session.ts'
import { TargetError } from './target/target-error.ts'
import type { ExitCode } from './verdict.ts'

/** What a gate found out, before it is summed up. */
type Measured = Pick<GateResult, 'environment' | 'repetitions' | 'results'> & {
  /** Metrics whose verdict counts. */
  readonly gating: readonly MetricName[]
  /** Why nothing of it counts, in sentences. */
  readonly faults: readonly string[]
}

/**
 * `erji-bench gate`: measures both sides by turns in one job and judges the candidate, or the candidate alone against a
 * finished report. A side that cannot be measured makes the result invalid. @throws UsageError
 */
export async function runGateCommand(options: GateFlags, context: CommandContext): Promise<ExitCode> {
  const startNs = systemClock.nowNs()
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const againstFile = isFile(options.baseline)
  const measured = await unlessUnmeasurable(
    () => (againstFile ? measureAgainstFile(options, context) : measureInPairs(options, context)),
    context.signal,
  )
  const { environment, repetitions, results } = measured
  const { baseline, candidate, threshold, seed } = options
  return conclude(
    {
      gateSchemaVersion,
      startedAt,
      seconds: (systemClock.nowNs() - startNs) / 1e9,
      ...{ command: context.command, seed, environment, baseline, candidate, threshold },
      design: againstFile ? 'unpaired' : 'paired',
      ...{ results, repetitions },
      ...sumUp(measured),
    },
    { ...options, json: context.json },
  )
}

/** A side that cannot be reached, loaded, started or asked says nothing of the candidate, so none of it is a regression. */
async function unlessUnmeasurable(measure: () => Promise<Measured>, signal: AbortSignal): Promise<Measured> {
  try {
    return await measure()
  } catch (error) {
    if (!signal.aborted && !unmeasurable.some((kind) => error instanceof kind)) throw error
    const fault = signal.aborted ? 'interrupted' : (error as Error).message
    return {
      ...{ environment: collectEnvironment(), repetitions: [], results: [], gating: [] },
      faults: [fault],
    }
  }
}

const unmeasurable = [GateInvalidError, TargetError, NodeProcessError, WorkerError] as const

/** A fault voids all; what should count and was not measured leaves open what would have passed. */
function sumUp({ gating, results, faults }: Measured): Pick<GateResult, 'verdict' | 'reasons'> {
  if (faults.length > 0) return { verdict: 'invalid', reasons: faults }
  const missing = gating.filter((name) => !results.some(({ metric }) => metric === name))
  const verdict = overall(results.filter((result) => result.gating).map((result) => result.verdict))
  return {
    verdict: missing.length > 0 && verdict === 'passed' ? 'inconclusive' : verdict,
    reasons: missing.map((name) => `${name} could not be measured (${metrics[name].meaning})`),
  }
}

function isFile(baseline: string): boolean {
  return statSync(baseline, { throwIfNoEntry: false })?.isFile() === true
}

/** The baseline is a finished report: the candidate is measured as that was, and both are compared unpaired. */
async function measureAgainstFile(options: GateFlags, context: CommandContext): Promise<Measured> {
  const { results, reasons, environment } = await compareWithFile(options, context)
  const gating = options.metrics ?? fileGatingDefault
  return {
    ...{ environment, gating, repetitions: [], faults: reasons },
    results: results.map((result) => ({ ...result, gating: gating.includes(result.metric) })),
  }
}

/** Both sides by turns, each pair told as it is measured. */
async function measureInPairs(options: GateFlags, context: CommandContext): Promise<Measured> {
  let gating: readonly MetricName[] = []
  const { repetitions, results, interrupted } = await measureSides(
    options,
    context,
    (chosen) => (gating = chosen),
    (repetition, soFar) => {
      const shown = soFar
        .filter((result) => result.gating)
        .map(({ metric, interval, verdict }) => `${metric} ${interval.ratio.toFixed(3)} ${verdict}`)
      context.stream.write(`pair ${repetition} of at most ${options.repetitionsMax}: ${shown.join(', ')}\n`)
    },
  )
  return {
    ...{ environment: collectEnvironment(), gating, repetitions, results },
    faults: interrupted && repetitions.length < options.repetitionsMin ? ['interrupted'] : [],
  }
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
