import type { Clock } from '../../src/support/clock.ts'
import type { ScheduleName } from '../driver/schedules/index.ts'
import { WorkerError } from '../driver/worker-pool.ts'
import { collectEnvironment } from '../measure/environment.ts'
import { phasesNearFloor } from '../report/near-floor.ts'
import { partial } from '../report/outcome.ts'
import {
  type Calibration,
  type Phase,
  type Report,
  reportSchemaVersion,
  type TargetDescription,
} from '../report/report.ts'
import { judge } from '../report/verdict.ts'
import type { Target } from '../target/target.ts'
import { TargetError } from '../target/target-error.ts'

/** One phase of a benchmark, ready to be performed. */
export type Step = {
  readonly name: string
  /** Where it drives by a schedule: at which rate. */
  readonly offered?: OfferedLoad
  perform(): Promise<StepOutcome>
}

/** Operations a second, and how they are spread. */
export type OfferedLoad = { readonly ratePerSecond: number; readonly schedule: ScheduleName }

export type StepOutcome = {
  readonly phase: Phase
  readonly wrong: number
  /** What the phase itself cannot say, in sentences. */
  readonly faults: readonly string[]
}

export type BenchmarkOptions = {
  readonly target: Target
  readonly steps: readonly Step[]
  /** Measures the generator before the steps. */
  calibrate?(): Promise<Calibration>
  readonly seed: number
  readonly config: Readonly<Record<string, unknown>>
  readonly command: readonly string[]
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** One benchmark: its phases in their order, what the target says of itself, a verdict; all of it as a report. */
export async function runBenchmark(options: BenchmarkOptions): Promise<Report> {
  const { target, steps, seed, config, command, clock } = options
  const startedAt = new Date(clock.nowMs()).toISOString()
  const before = await describe(target)
  const calibration = options.signal.aborted ? undefined : await options.calibrate?.()
  const { outcomes, faults } = await performAll(steps, options.signal)
  // The store has grown meanwhile; a node that no longer answers is described as it was.
  const after = (await describeIfAnswering(target)) ?? before
  const phases = outcomes.map(({ phase }) => phase)
  const wrongAnswers = outcomes.reduce((sum, { wrong }) => sum + wrong, 0)
  return {
    schemaVersion: reportSchemaVersion,
    startedAt,
    finishedAt: new Date(clock.nowMs()).toISOString(),
    command,
    config,
    seed,
    environment: collectEnvironment(),
    target: after,
    ...(calibration === undefined
      ? {}
      : { calibration: { ...calibration, nearFloor: phasesNearFloor({ calibration, phases }) } }),
    phases,
    verdict: judge({
      phases,
      wrongAnswers,
      faults: [...outcomes.flatMap((outcome) => outcome.faults), ...faults],
    }),
  }
}

/** A phase that the target or a worker breaks ends the run; what was measured before it is kept and reported. */
async function performAll(steps: readonly Step[], signal: AbortSignal) {
  const outcomes: StepOutcome[] = []
  for (const step of steps) {
    if (signal.aborted) return { outcomes, faults: [`${partial} before "${step.name}"`] }
    try {
      outcomes.push(await step.perform())
    } catch (error) {
      if (!isBroken(error)) throw error
      const fault = signal.aborted
        ? `${partial} in "${step.name}"`
        : `"${step.name}" could not be finished: ${error.message}`
      return { outcomes, faults: [fault] }
    }
  }
  return { outcomes, faults: signal.aborted ? [partial] : [] }
}

/** Whether the target or a worker could not go on: the world's mistake, after which what was measured is kept. */
export function isBroken(error: unknown): error is TargetError | WorkerError {
  return error instanceof TargetError || error instanceof WorkerError
}

const describeTimeoutMs = 10_000

/** What a target says of itself. @throws TargetError */
export async function describe(target: Target): Promise<TargetDescription> {
  const { pid: _pid, ...description } = await target.describe(AbortSignal.timeout(describeTimeoutMs))
  return description
}

/** The same, or undefined where the target does not answer. */
export async function describeIfAnswering(target: Target): Promise<TargetDescription | undefined> {
  try {
    return await describe(target)
  } catch (error) {
    if (error instanceof TargetError) return undefined
    throw error
  }
}
