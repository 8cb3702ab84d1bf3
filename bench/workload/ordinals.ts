import { type Clock, nowSeconds } from '../../src/support/clock.ts'

/**
 * How the ordinals are shared out: loaded identifiers count up from zero, the objects of a trace have a range of their
 * own, so that a replay starts with none of them cached, and so have identifiers registered during a run.
 */
export const traceBase = 2 ** 39

/**
 * Where each phase of a run registers: ranges that move on with time, because what an earlier run on the same server
 * registered is still there. The report holds them, as everything that was not given.
 */
export function registrationBases(
  clock: Clock,
  { phases, phaseSeconds }: { readonly phases: number; readonly phaseSeconds: number },
): readonly number[] {
  const startSeconds = nowSeconds(clock)
  return Array.from({ length: phases }, (_, phase) => {
    const atSeconds = startSeconds + phase * Math.ceil(phaseSeconds)
    return registrationsFrom + (atSeconds % secondsMax) * registrationsPerSecondMax
  })
}

const registrationsFrom = 2 ** 36
const registrationsPerSecondMax = 2 ** 15
const secondsMax = 2 ** 23
