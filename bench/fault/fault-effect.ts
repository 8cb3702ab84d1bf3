import { voided } from '../report/driven-phase.ts'
import type { DrivenPhase, FaultEffect, TimelinePoint } from '../report/report.ts'
import type { InjectedFault } from './inject-faults.ts'
import type { PlannedFault } from './parse-faults.ts'

/** Latency this many times that before the first fault is not recovered. */
const recoveredFactor = 3

/** A fault of whole seconds begins and ends this far from where the second is full, at most: timers fire a little early, or late. */
const timerSlackSeconds = 0.1

/**
 * What a fault did, second by second: the worst second from its beginning until the node was itself again, which is the
 * first second without a failure whose p99 is at most three times the usual one: the middle of those before any fault, or the best
 * one where the first fault left no second to itself.
 */
export function faultEffects(
  faults: readonly InjectedFault[],
  timeline: readonly TimelinePoint[],
): FaultEffect[] {
  const firstAt = Math.min(...faults.map(({ fromSeconds }) => fromSeconds))
  const usualP99Ns = usualP99(timeline, firstAt)
  return faults.map(({ kind, fromSeconds, untilSeconds }) => {
    const after = timeline.filter(({ atSeconds }) => atSeconds + 1 > fromSeconds)
    const isWell = (point: TimelinePoint): boolean =>
      isServed(point) && (usualP99Ns === undefined || point.p99Ns <= usualP99Ns * recoveredFactor)
    // The second in which a fault begins may end before it shows.
    const follows = ({ atSeconds, offered }: TimelinePoint): boolean =>
      atSeconds >= untilSeconds - timerSlackSeconds && offered > 0
    const recovery = after.findIndex((point) => follows(point) && isWell(point))
    const recovered = after[recovery]
    return {
      kind,
      fromSeconds,
      untilSeconds,
      observed: after.some(follows),
      ...worstOf(recovery === -1 ? after : after.slice(0, recovery)),
      ...(recovered === undefined
        ? {}
        : { recoveredAfterSeconds: Math.max(0, recovered.atSeconds - fromSeconds) }),
    }
  })
}

/** The phase with its faults, which is void where one did not happen as planned, or nobody saw what came of it. */
export function withFaults(
  phase: DrivenPhase,
  {
    planned,
    injected,
  }: { readonly planned: readonly PlannedFault[]; readonly injected: readonly InjectedFault[] },
): DrivenPhase {
  const faults = faultEffects(injected, phase.timeline)
  const missing = planned.filter(({ text }) => !injected.some((fault) => fault.text === text))
  const unseen = faults.filter(({ observed }) => observed === false)
  return voided({ ...phase, faults }, [
    ...missing.map(({ text }) => `${text} was not injected: the load was over before`),
    ...unseen.map(
      ({ kind, fromSeconds }) =>
        `${kind} from ${fromSeconds.toFixed(1)} s was not observed: no second was measured after its end`,
    ),
  ])
}

/** One sentence for each fault that the node did not recover from in time; for none where no time is asked for, or nobody saw. */
export function recoveredTooLate(
  faults: readonly FaultEffect[],
  withinSeconds: number | undefined,
): string[] {
  if (withinSeconds === undefined) return []
  return faults.flatMap(({ kind, fromSeconds, observed, recoveredAfterSeconds }) => {
    if (observed === false || (recoveredAfterSeconds ?? Number.POSITIVE_INFINITY) <= withinSeconds) return []
    const reached =
      recoveredAfterSeconds === undefined
        ? 'the node did not recover'
        : `the node recovered after ${recoveredAfterSeconds.toFixed(1)} s`
    return [`${kind} from ${fromSeconds.toFixed(1)} s: ${reached}; expected within ${withinSeconds} s`]
  })
}

function worstOf(during: readonly TimelinePoint[]): Pick<FaultEffect, 'lowestServedShare' | 'worstP99Ns'> {
  if (during.length === 0) return {}
  const served = during.map(({ completed, offered }) =>
    offered === 0 ? 1 : Math.min(1, completed / offered),
  )
  return {
    lowestServedShare: Math.min(...served),
    worstP99Ns: Math.max(...during.map(({ p99Ns }) => p99Ns)),
  }
}

/** Nanoseconds; undefined where no second was served. The first second is not usual where there are others. */
function usualP99(timeline: readonly TimelinePoint[], firstAt: number): number | undefined {
  const served = timeline.filter(isServed)
  const before = served.filter(({ atSeconds }) => atSeconds + 1 <= firstAt + timerSlackSeconds)
  const settled = before.length > 1 ? before.filter(({ atSeconds }) => atSeconds > 0) : before
  if (settled.length > 0) return middle(settled.map(({ p99Ns }) => p99Ns))
  return served.toSorted((left, right) => left.p99Ns - right.p99Ns)[0]?.p99Ns
}

function isServed({ offered, completed, failed }: TimelinePoint): boolean {
  return failed === 0 && completed > 0 && completed >= offered * 0.9
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((left, right) => left - right)[values.length >> 1]
}
