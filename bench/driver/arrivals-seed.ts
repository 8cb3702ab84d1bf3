import { deriveSeed } from '../../src/support/prng.ts'
import type { WorkerPlan } from './worker-plan.ts'

/** Beyond those that workers derive from the same seed by their number. */
const phaseSeedStream = 10_000

/** Each phase of several draws arrivals of its own: repeated at the same rate, the same ones would confirm nothing. */
export function arrivalsSeed({ workload, seed }: Pick<WorkerPlan, 'workload' | 'seed'>): number {
  const phase = workload.kind === 'mix' ? workload.phase : undefined
  return phase === undefined ? seed : deriveSeed(seed, phaseSeedStream + phase)
}
