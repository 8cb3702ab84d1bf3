import { createPrng, deriveSeed, type Prng } from '../../src/support/prng.ts'
import type { DistributionStart } from './distributions/distribution.ts'

/** Beyond this number of workers the streams of phases would meet. */
export const workersMax = 4096

const seedStreams = { popularity: 11, worker: 12, crowds: 13, starts: 14 } as const

/** What one worker draws from in one phase. */
export type PhaseStreams = {
  /** Its own. */
  readonly prng: Prng
  /** Drawn alike by all workers of the phase. */
  readonly shared: Prng
  /** The same in every phase. */
  readonly popularitySeed: number
  readonly start: DistributionStart
}

/**
 * Derives the streams of a worker from the seed. Each phase of several draws anew and begins elsewhere in the course of its distribution:
 * begun at the same place, a phase would ask what the one before had asked, and a short one only ever the beginning.
 */
export function phaseStreams({
  seed,
  phase,
  worker,
  workers,
}: {
  readonly seed: number
  readonly phase: number | undefined
  readonly worker: number
  readonly workers: number
}): PhaseStreams {
  const derived = (stream: keyof typeof seedStreams): number => deriveSeed(seed, seedStreams[stream])
  const ofPhase = (stream: keyof typeof seedStreams): Prng =>
    createPrng(phase === undefined ? derived(stream) : deriveSeed(derived(stream), phase))
  return {
    prng: createPrng(deriveSeed(derived('worker'), (phase ?? 0) * workersMax + worker)),
    shared: ofPhase('crowds'),
    popularitySeed: derived('popularity'),
    start: { share: phase === undefined ? 0 : ofPhase('starts').nextDouble(), worker, workers },
  }
}
