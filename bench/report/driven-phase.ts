import type { DrivenPhase, Phase } from './report.ts'

/** Whether operations of a workload were asked in it, by a schedule or by clients that wait. */
export function isDriven(phase: Phase): phase is DrivenPhase {
  return phase.kind === 'open-loop' || phase.kind === 'closed-loop'
}
