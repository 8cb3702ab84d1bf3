import type { DrivenPhase, Phase } from './report.ts'

/** Whether operations of a workload were asked in it, by a schedule or by clients that wait. */
export function isDriven(phase: Phase): phase is DrivenPhase {
  return phase.kind === 'open-loop' || phase.kind === 'closed-loop'
}

/** A phase whose numbers must not be quoted for further reasons; the same where there are none. */
export function voided(phase: DrivenPhase, reasons: readonly string[]): DrivenPhase {
  if (reasons.length === 0) return phase
  return { ...phase, valid: false, invalidBecause: [...phase.invalidBecause, ...reasons] }
}
