import { systemClock } from '../../src/support/clock.ts'
import type { CommandContext } from '../cli/command-context.ts'
import { UsageError } from '../cli/flags.ts'
import { compareReports, incomparable, metricsOfSeconds, otherMachine } from '../gate/compare-reports.ts'
import type { GateResult } from '../gate/gate-result.ts'
import { fileGatingDefault, type MetricName } from '../gate/metric.ts'
import { openSide } from '../gate/open-sides.ts'
import { tellWorkload } from '../gate/sides-told.ts'
import { refuseUnmeasured } from '../gate/sum-up.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { ReportReadError, readReport } from '../report/read-report.ts'
import type { Report } from '../report/report.ts'
import { runBenchmark } from '../run/run-benchmark.ts'
import { registrationBases } from '../workload/ordinals.ts'
import type { GateFlags } from './gate-options.ts'
import { mixStep } from './run.ts'
import { type RunFlags, runFlags } from './run-options.ts'

/** A comparison of a candidate, measured now, with a finished report; empty where `reasons` say why there is none. */
export type FileComparison = Pick<GateResult, 'results' | 'reasons' | 'environment'> & {
  readonly gating: readonly MetricName[]
  readonly workload: string
}

/**
 * Measures a candidate as a report says that its own run was made, and compares the two. The report's moment is over, so
 * the sides cannot be paired: this is for nodes that are not there any more, and needs the same machine.
 * @throws UsageError when the file is no report of this version, or not of `run`, or `--metrics` are others than it holds
 */
export async function compareWithFile(options: GateFlags, context: CommandContext): Promise<FileComparison> {
  const baseline = await reportOf(options.baseline)
  const flags = runOf(baseline, options)
  const given: readonly MetricName[] =
    metricsOfSeconds[flags.clients === undefined ? 'open-loop' : 'closed-loop']
  refuseUnmeasured(options.metrics, { given, by: 'a report of such a run' })
  const gating = options.metrics ?? fileGatingDefault.filter((name) => given.includes(name))
  const workload = tellWorkload(flags)
  // Before a minute is spent on measuring.
  const environment = collectEnvironment()
  const elsewhere = otherMachine(baseline.environment, environment)
  if (elsewhere.length > 0) return { results: [], gating, workload, reasons: elsewhere, environment }
  const candidate = await measureLike(baseline, flags, { options, context })
  const judging = { ...options, acrossMachines: false }
  const reasons = incomparable(baseline, candidate, judging)
  return {
    results: reasons.length > 0 ? [] : compareReports(baseline, candidate, judging),
    gating,
    workload,
    reasons,
    environment: candidate.environment,
  }
}

async function reportOf(file: string): Promise<Report> {
  try {
    return await readReport(file)
  } catch (error) {
    if (error instanceof ReportReadError) throw new UsageError([error.message])
    throw error
  }
}

/** The flags of `run` that the report was made with. */
function runOf({ config, seed }: Report, { baseline }: GateFlags): RunFlags {
  // Not by what flags are by default: those that may be absent are in the report alone.
  const known = Object.fromEntries(Object.entries(config).filter(([name]) => name in runFlags.shape))
  const flags = { ...runFlags.parse({}), ...known, objective: undefined, seed } as RunFlags
  if (flags.fault.length > 0) {
    throw new UsageError([
      `${baseline} is a report of a run with --fault "${flags.fault.join(', ')}"; expected one whose node was left alone`,
    ])
  }
  if (typeof config.rate !== 'number' || typeof config.duration !== 'number' || config.trace !== undefined) {
    throw new UsageError([
      `${baseline} is no report of "erji-bench run" at one rate (config.rate is ${JSON.stringify(config.rate)}); expected one`,
    ])
  }
  return flags
}

async function measureLike(
  baseline: Report,
  flags: RunFlags,
  { options, context }: { readonly options: GateFlags; readonly context: CommandContext },
): Promise<Report> {
  const { identifiers, prefix, prefixes, recordAdmin, recordSizes, preset, cacheBytes, seed } = flags
  const side = await openSide({
    ...options,
    ...context,
    ...{ identifiers, prefix, prefixes, recordAdmin, recordSizes, preset, cacheBytes, seed },
    side: 'candidate',
    at: options.candidate,
  })
  try {
    const phaseSeconds = flags.warmUp + flags.duration
    const [base = 0] = registrationBases(systemClock, { phases: 1, phaseSeconds })
    return await runBenchmark({
      ...side.session,
      steps: [mixStep(side.session, flags, base)],
      seed,
      // What must be equal is what the baseline says; what it registered is its own.
      config: { ...baseline.config, registrationBase: base },
      command: context.command,
    })
  } finally {
    await side.close()
  }
}
