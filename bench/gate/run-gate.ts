import type { Clock } from '../../src/support/clock.ts'
import { evaluate, isDecided, type Repetition } from './evaluate.ts'
import type { MetricResult } from './gate-result.ts'
import type { MetricName } from './metric.ts'

/** The two that are compared, loaded and ready to be measured. */
export interface Sides {
  /**
   * One repetition of both, warmed up: a short piece of each kind of load, so close together that the machine does the same
   * to both.
   */
  measurePair(signal: AbortSignal): Promise<Repetition>
}

export type GateOptions = {
  readonly sides: Sides
  readonly gating: readonly MetricName[]
  readonly threshold: number
  readonly confidence: number
  readonly repetitionsMin: number
  readonly repetitionsMax: number
  readonly budgetSeconds: number
  readonly seed: number
  readonly clock: Clock
  readonly signal: AbortSignal
  whenRepeated?(repetition: number, results: readonly MetricResult[]): void
}

export type GateRun = {
  readonly repetitions: readonly Repetition[]
  readonly results: readonly MetricResult[]
  readonly interrupted: boolean
}

/**
 * Measures both sides in pairs until each gating metric is decided, one of them has regressed, or the budget is spent.
 * Intervals are looked at after every pair, which makes a wrong decision likelier than at one look; the practical
 * threshold pays for that (measured: `npm run bench:gate-quality`).
 */
export async function runGate(options: GateOptions): Promise<GateRun> {
  const { sides, clock, signal, repetitionsMin, repetitionsMax } = options
  const startNs = clock.nowNs()
  const repetitions: Repetition[] = []
  let results: readonly MetricResult[] = []
  while (!signal.aborted && repetitions.length < repetitionsMax) {
    const spentSeconds = (clock.nowNs() - startNs) / 1e9
    const enough = repetitions.length >= repetitionsMin
    if (enough && (isDecided(results) || spentSeconds >= options.budgetSeconds)) break
    const repetition = await unlessAborted(sides.measurePair(signal), signal)
    if (repetition === undefined) break
    repetitions.push(repetition)
    results = evaluate(repetitions, options)
    options.whenRepeated?.(repetitions.length, results)
  }
  return { repetitions, results, interrupted: signal.aborted }
}

/** What is interrupted may end in any error; none of it counts. */
async function unlessAborted<Result>(
  result: Promise<Result>,
  signal: AbortSignal,
): Promise<Result | undefined> {
  try {
    const settled = await result
    return signal.aborted ? undefined : settled
  } catch (error) {
    if (signal.aborted) return undefined
    throw error
  }
}
