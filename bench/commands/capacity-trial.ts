import type { CurvePoint } from '../capacity/capacity-result.ts'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { describeUnmet, judgeObjectives } from '../objective/judge-objectives.ts'
import { parseObjectives } from '../objective/parse-objectives.ts'
import type { DrivenPhase } from '../report/report.ts'
import { failuresOf } from '../report/verdict.ts'
import { isBroken } from '../run/run-benchmark.ts'
import type { Session } from '../run/session.ts'
import { openLoopStep } from '../run/steps.ts'
import { operationKinds } from '../workload/operation.ts'
import { registrationBases } from '../workload/ordinals.ts'
import { type CapacityFlags, objectiveOf, trialSeconds } from './capacity-options.ts'

/** A trial that was measured, or why it could not be. */
export type TrialOutcome = { readonly kind: 'measured'; readonly point: CurvePoint } | BrokenTrial

export type BrokenTrial = {
  readonly kind: 'broken'
  readonly because: string
  readonly wrongAnswers: number
}

/** Drives the target at a rate and holds it against the objectives and against what `run` lets go unserved. */
export async function measureRate(
  session: Session,
  options: CapacityFlags,
  ratePerSecond: number,
): Promise<TrialOutcome> {
  try {
    const { phase, wrong } = await trialStep(session, options, ratePerSecond).perform()
    if (phase.kind !== 'open-loop') throw new TypeError('a trial of a capacity is an open-loop phase')
    if (wrong === 0) return { kind: 'measured', point: pointOf(phase, options) }
    const because = `${wrong} wrong answers at ${ratePerSecond}/s, such as: ${phase.wrongExamples[0]}`
    return { kind: 'broken', because, wrongAnswers: wrong }
  } catch (error) {
    if (!isBroken(error)) throw error
    return { kind: 'broken', because: `at ${ratePerSecond}/s: ${error.message}`, wrongAnswers: 0 }
  }
}

function trialStep(session: Session, options: CapacityFlags, ratePerSecond: number) {
  const { preset, distribution, identifiers, warmUp, timeout } = options
  const durationSeconds = trialSeconds(options)
  const phaseSeconds = warmUp + durationSeconds
  const [registrationBase = 0] = registrationBases(session.clock, { phases: 1, phaseSeconds })
  return openLoopStep(session, {
    ...options,
    // The search judges the trials itself.
    objective: undefined,
    name: `${ratePerSecond}/s`,
    workloadName: preset,
    workload: { kind: 'mix', preset, distribution, identifiers, registrationBase },
    profile: 'flat',
    ratePerSecond,
    durationSeconds,
    warmUpSeconds: warmUp,
    timeoutSeconds: timeout,
  })
}

function pointOf(phase: DrivenPhase, options: CapacityFlags): CurvePoint {
  const all = new LatencyHistogram()
  for (const { latency } of phase.operations) all.merge(LatencyHistogram.fromHistogram(latency))
  const failed = phase.operations.filter(({ outcome }) => outcome !== 'ok')
  const unmet = judgeObjectives(phase, parseObjectives(objectiveOf(options), operationKinds)).filter(
    ({ met }) => !met,
  )
  const reasons = [...unmet.map(describeUnmet), ...failuresOf(phase), ...phase.invalidBecause]
  return {
    offeredPerSecond: phase.offeredPerSecond,
    achievedPerSecond: phase.achievedPerSecond,
    p50Ns: all.percentileNs(0.5),
    p99Ns: all.percentileNs(0.99),
    p999Ns: all.percentileNs(0.999),
    failedShare: failed.reduce((sum, { count }) => sum + count, phase.dropped) / Math.max(1, phase.due),
    latenessP99Ns: phase.schedulingLateness.p99Ns,
    ...clientCacheShareOf(phase),
    met: reasons.length === 0,
    // A target that misses its objective while the generator is late is still the target's miss only if it held requests.
    valid: phase.valid,
    reasons,
  }
}

function clientCacheShareOf({ transport, due }: DrivenPhase): Pick<CurvePoint, 'clientCacheShare'> {
  const hits = transport?.clientCacheHits
  return hits === undefined ? {} : { clientCacheShare: hits / Math.max(1, due) }
}
