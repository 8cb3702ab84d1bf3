import { createPrng, deriveSeed } from '../../src/support/prng.ts'
import { immutableNeighbour, isMutable } from '../workload/ordinal-classes.ts'
import type { LoadOptions } from './load-identifiers.ts'

/** What reading identifiers back found. */
export type ReadBack = {
  /** Those that were answered, and how many of the answers were not what was registered. */
  readonly sampled: number
  readonly wrong: number
  /** Asked for without an answer: that says nothing of the record. None after an abort. */
  readonly unread: number
  readonly firstWrong: string | undefined
}

const inFlightMax = 16
const sampleStream = 0x5a

/** Resolves a seeded sample of the loaded identifiers below an ordinal and compares each with what was registered. */
export async function readBack(
  { target, first, seed, signal }: Pick<LoadOptions, 'target' | 'first' | 'seed' | 'signal'>,
  { below, count }: { readonly below: number; readonly count: number },
): Promise<ReadBack> {
  const prng = createPrng(deriveSeed(seed, sampleStream))
  let left = below > first ? count : 0
  let sampled = 0
  let wrong = 0
  let unread = 0
  let firstWrong: string | undefined
  const work = async (): Promise<void> => {
    while (left > 0 && !signal.aborted) {
      left -= 1
      const drawn = first + prng.nextBelow(below - first)
      // Earlier runs on the same server may have rewritten a mutable one.
      const ordinal = isMutable(drawn) ? Math.max(first, immutableNeighbour(drawn)) : drawn
      const { outcome, detail } = await target.perform({ kind: 'resolve', ordinal, revision: 0 }, signal)
      // What an interruption ended was not answered.
      if (signal.aborted) return
      if (outcome === 'ok' || outcome === 'wrong') sampled += 1
      else unread += 1
      if (outcome !== 'wrong') continue
      wrong += 1
      firstWrong ??= `${outcome}: ${detail}`
    }
  }
  await Promise.all(Array.from({ length: Math.min(inFlightMax, left) }, work))
  return { sampled, wrong, unread, firstWrong }
}
