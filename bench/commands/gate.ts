import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { WorkerError } from '../driver/worker-pool.ts'
import { conclude } from '../gate/conclude.ts'
import { type GateResult, gateSchemaVersion } from '../gate/gate-result.ts'
import { cpuMetrics, gatingDefault, type MetricName, pairedMetrics } from '../gate/metric.ts'
import { openSide } from '../gate/open-sides.ts'
import { type GateRun, runGate } from '../gate/run-gate.ts'
import { GateInvalidError, nodeSides, type SideOptions } from '../gate/side.ts'
import { isFile, tellSide, tellWorkload } from '../gate/sides-told.ts'
import { refuseUnmeasured, sumUp, type ToSumUp } from '../gate/sum-up.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { ranOnCores } from '../measure/machine-usage.ts'
import { NodeProcessError } from '../node/node-process.ts'
import type { ExitCode } from '../report/verdict.ts'
import type { Session } from '../run/session.ts'
import { TargetError } from '../target/target-error.ts'
import { compareWithFile } from './gate-file-baseline.ts'
import type { GateFlags } from './gate-options.ts'

/** What a gate found out, before it is summed up. */
type Measured = Omit<ToSumUp, 'design'> &
  Pick<GateResult, 'environment' | 'repetitions' | 'sides' | 'workload'>

/**
 * `erji-bench gate`: measures both sides by turns in one job and judges the candidate, or the candidate alone against a
 * finished report. A side that cannot be measured makes the result invalid. @throws UsageError
 */
export async function runGateCommand(options: GateFlags, context: CommandContext): Promise<ExitCode> {
  const startNs = systemClock.nowNs()
  const startedAt = new Date(systemClock.nowMs()).toISOString()
  const design = isFile(options.baseline) ? 'unpaired' : 'paired'
  const measured = await unlessUnmeasurable(() => designs[design](options, context), context.signal)
  const { environment, repetitions, results, sides, workload } = measured
  const { baseline, candidate, threshold, seed } = options
  return conclude(
    {
      gateSchemaVersion,
      startedAt,
      seconds: (systemClock.nowNs() - startNs) / 1e9,
      ...{ command: context.command, seed, environment, baseline, candidate, threshold },
      ...{ design, results, repetitions },
      ...(sides === undefined ? {} : { sides }),
      ...(workload === undefined ? {} : { workload }),
      ...sumUp({ ...measured, design }),
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

/** The baseline is a finished report: the candidate is measured as that was, and both are compared unpaired. */
async function measureAgainstFile(options: GateFlags, context: CommandContext): Promise<Measured> {
  const sides = await tellSides(options)
  const { results, gating, reasons, environment, workload } = await compareWithFile(options, context)
  return {
    ...{ sides, workload },
    ...{ environment, gating, repetitions: [], faults: reasons },
    results: results.map((result) => ({ ...result, gating: gating.includes(result.metric) })),
  }
}

/** Both sides by turns, each pair told as it is measured. */
async function measureInPairs(options: GateFlags, context: CommandContext): Promise<Measured> {
  refuseUnmeasured(options.metrics, { given: pairedMetrics, by: 'a gate by turns' })
  const sides = await tellSides(options)
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
    ...{ environment: collectEnvironment(), gating, repetitions, results, sides },
    workload: tellWorkload(options),
    faults: interrupted && repetitions.length < options.repetitionsMin ? ['interrupted'] : [],
  }
}

async function tellSides({ baseline, candidate }: GateFlags): Promise<Required<GateResult>['sides']> {
  return { baseline: await tellSide(baseline), candidate: await tellSide(candidate) }
}

const designs = { paired: measureInPairs, unpaired: measureAgainstFile } as const satisfies Record<
  GateResult['design'],
  unknown
>

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
