import type { DrivenPhase, OperationMeasurement, Phase } from './report.ts'

/** Whether operations of a workload were asked in it, by a schedule or by clients that wait. */
export function isDriven(phase: Phase): phase is DrivenPhase {
  return phase.kind === 'open-loop' || phase.kind === 'closed-loop'
}

/** A phase whose numbers must not be quoted for further reasons; the same where there are none. */
export function voided(phase: DrivenPhase, reasons: readonly string[]): DrivenPhase {
  if (reasons.length === 0) return phase
  return { ...phase, valid: false, invalidBecause: [...phase.invalidBecause, ...reasons] }
}

/** The time between the phase's counters of CPU: that in which arrivals were offered, and the wait for the last answers. */
export function usageSeconds(phase: Phase): number {
  const { drainSeconds = 0 } = isDriven(phase) ? phase : {}
  return phase.durationSeconds + drainSeconds
}

/** How many were settled while arrivals were offered, not afterwards. */
export function settledInTime(
  operations: readonly Pick<OperationMeasurement, 'count' | 'afterEnd'>[],
): number {
  return operations.reduce((total, { count, afterEnd = 0 }) => total + count - afterEnd, 0)
}
