import type { Session } from '../run/session.ts'
import { type CapacityFlags, firstRate } from './capacity-options.ts'
import { type BrokenTrial, measureRate } from './capacity-trial.ts'

export type Settled = {
  /** Where the first search begins, in operations a second. */
  readonly startPerSecond: number
  /** What could not be measured: then there is nothing to search for. */
  readonly broken?: BrokenTrial
}

/**
 * Drives the target for so long before anything counts: one that has just started still compiles its code and fills its cache, and the
 * first searches may find less than the later ones. The rate is the highest that doubling reaches, and the searches begin at half of it.
 */
export async function settle(session: Session, options: CapacityFlags): Promise<Settled> {
  const { settle: settleSeconds } = options
  if (settleSeconds === 0) return { startPerSecond: firstRate(options) }
  const highest = await highestByDoubling(session, options)
  if (highest.broken !== undefined || session.signal.aborted) return highest
  const { startPerSecond } = highest
  session.stream.write(`settling at ${startPerSecond}/s for ${settleSeconds} s\n`)
  const outcome = await measureRate(session, { ...options, duration: settleSeconds }, startPerSecond)
  if (outcome.kind === 'broken') return { startPerSecond, broken: outcome }
  return { startPerSecond: Math.max(1, Math.round(startPerSecond / 2)) }
}

/** The last rate that was met, or the first one. */
async function highestByDoubling(session: Session, options: CapacityFlags): Promise<Settled> {
  const { maximum } = options
  let startPerSecond = firstRate(options)
  for (let rate = startPerSecond; ; rate = Math.min(maximum, rate * 2)) {
    const outcome = await measureRate(session, options, rate)
    if (outcome.kind === 'broken') return { startPerSecond, broken: outcome }
    const { met } = outcome.point
    if (met) startPerSecond = rate
    if (!met || rate >= maximum || session.signal.aborted) return { startPerSecond }
  }
}
