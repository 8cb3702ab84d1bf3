import type { WorkerError } from '../driver/worker-pool.ts'
import type { NodeProcessError } from '../node/node-process.ts'
import { TargetError, type TargetErrorCode } from '../target/target-error.ts'
import { outcomeOf } from './outcome.ts'
import type { Phase, Verdict } from './report.ts'

/** What the exit code of the harness says, so that a script can tell a slow node from a broken run. */
export const exitCodes = { passed: 0, failed: 1, usage: 2, invalid: 3, inconclusive: 4 } as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** Above this share of arrivals dropped, refused, timed out or failed, the target did not carry the load. */
export const unservedShareMax = 0.01

export type Judged = {
  readonly phases: readonly Phase[]
  /** Wrong answers of all phases, warm-ups included. */
  readonly wrongAnswers: number
  /** What else went wrong, in sentences. */
  readonly faults: readonly string[]
}

/** Judges a run by its phases: one wrong answer fails it, too many unserved arrivals fail it, an invalid phase voids it. */
export function judge({ phases, wrongAnswers, faults }: Judged): Verdict {
  const reasons = [...faults]
  if (wrongAnswers > 0) reasons.push(`${wrongAnswers} answers differ from what was registered`)
  for (const phase of phases) {
    reasons.push(...failuresOf(phase).map((failure) => `${phase.name}: ${failure}`))
    reasons.push(...phase.invalidBecause.map((reason) => `${phase.name} is invalid: ${reason}`))
  }
  return { passed: reasons.length === 0, wrongAnswers, reasons }
}

/** Failed outranks invalid, as which an interrupted run counts: a wrong answer stays wrong whatever else happened. */
export function exitCodeOf(verdict: Verdict, phases: readonly Phase[]): ExitCode {
  return exitCodes[outcomeOf({ verdict, phases })]
}

const unanswered: ReadonlySet<TargetErrorCode> = new Set(['UNREACHABLE', 'CONNECTION', 'TIMEOUT'])

/** For what ended a command: where nothing answered, or nobody asked any more, nothing was judged either. */
export function exitCodeOfError(error: TargetError | WorkerError | NodeProcessError): ExitCode {
  return error instanceof TargetError && !unanswered.has(error.code) ? exitCodes.failed : exitCodes.invalid
}

/** What the target left undone in a phase, in sentences. */
export function failuresOf(phase: Phase): string[] {
  switch (phase.kind) {
    case 'load':
      return phase.failed > 0
        ? [`${phase.failed} of ${phase.identifiers} identifiers could not be registered`]
        : []
    case 'ceiling':
      return phase.errors > 0 ? [`${phase.errors} requests failed`] : []
    case 'open-loop':
    case 'closed-loop': {
      const lost = phase.acknowledged?.lost ?? 0
      if (lost > 0) return [`${lost} acknowledged writes were lost`]
      // Who breaks a node on purpose judges what is left by objectives.
      if (phase.faults !== undefined) return []
      const failed = phase.operations.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'wrong')
      const unserved = phase.dropped + failed.reduce((total, { count }) => total + count, 0)
      if (phase.due === 0 || unserved / phase.due <= unservedShareMax) return []
      const parts = failed.map(({ operation, outcome, count }) => `${count} ${operation} ${outcome}`)
      const list = [...(phase.dropped > 0 ? [`${phase.dropped} dropped`] : []), ...parts].join(', ')
      return [
        `${((100 * unserved) / phase.due).toFixed(1)} % of ${phase.due} arrivals were not served: ${list}`,
      ]
    }
  }
}
