import type { Phase, Verdict } from './report.ts'

/** How a run came out; failed outranks invalid, which says nothing of the target. */
export type RunOutcome = 'passed' | 'failed' | 'invalid'

/** How what is said of an interrupted run begins, among the reasons of its verdict. */
export const partial = 'partial: interrupted'

/** A run is invalid where nothing but its invalid phases, or that it was interrupted, keeps it from having passed. */
export function outcomeOf(run: { readonly verdict: Verdict; readonly phases: readonly Phase[] }): RunOutcome {
  if (run.verdict.passed) return 'passed'
  const invalid =
    run.phases.reduce((count, phase) => count + phase.invalidBecause.length, 0) +
    run.verdict.reasons.filter((reason) => reason.startsWith(partial)).length
  return run.verdict.reasons.length > invalid ? 'failed' : 'invalid'
}
