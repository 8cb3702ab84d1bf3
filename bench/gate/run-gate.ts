import type { Clock } from '../../src/support/clock.ts'
import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import { evaluate, isUndecided, type Repetition } from './evaluate.ts'
import type { MetricResult } from './gate-result.ts'
import type { Measurement, MetricName } from './metric.ts'

/** One of the two that are compared, loaded and ready to be measured. */
export interface Side {
  readonly name: string
  /** One repetition: a short piece of each kind of load. */
  measure(signal: AbortSignal): Promise<Measurement>
}

export type GateOptions = {
  readonly baseline: Side
  readonly candidate: Side
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
 * Measures both sides by turns, in an order drawn anew for every pair so that a drift of the machine favours neither,
 * until each gating metric is decided or the budget is spent. Intervals are looked at after every pair, which makes a
 * wrong decision likelier than at one look; the practical threshold pays for that (measured: `npm run bench:gate-quality`).
 */
export async function runGate(options: GateOptions): Promise<GateRun> {
  const { baseline, candidate, clock, signal, repetitionsMin, repetitionsMax } = options
  const order = createPrng(deriveSeed(options.seed, 77))
  const startNs = clock.nowNs()
  const repetitions: Repetition[] = []
  let results: readonly MetricResult[] = []
  // The first turn of each side is not counted: caches and compilers are cold.
  await baseline.measure(signal)
  await candidate.measure(signal)
  while (!signal.aborted && repetitions.length < repetitionsMax) {
    const spentSeconds = (clock.nowNs() - startNs) / 1e9
    const enough = repetitions.length >= repetitionsMin
    if (enough && (!isUndecided(results) || spentSeconds >= options.budgetSeconds)) break
    const repetition = await measurePair({ baseline, candidate, signal }, order.nextDouble() < 0.5)
    if (signal.aborted) break
    repetitions.push(repetition)
    results = evaluate(repetitions, options)
    options.whenRepeated?.(repetitions.length, results)
  }
  return { repetitions, results, interrupted: signal.aborted }
}

async function measurePair(
  sides: { readonly baseline: Side; readonly candidate: Side; readonly signal: AbortSignal },
  baselineFirst: boolean,
): Promise<Repetition> {
  const { signal } = sides
  if (baselineFirst) {
    const baseline = await sides.baseline.measure(signal)
    return { baseline, candidate: await sides.candidate.measure(signal) }
  }
  const candidate = await sides.candidate.measure(signal)
  return { baseline: await sides.baseline.measure(signal), candidate }
}
