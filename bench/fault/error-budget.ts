import { parseObjectives } from '../objective/parse-objectives.ts'
import type { DrivenPhase, ErrorBudget } from '../report/report.ts'
import { operationKinds } from '../workload/operation.ts'

/** Availability that the 2021 construction guide of secondary nodes is said to ask for (second-hand): 99.99 %. */
export const allowedShareDefault = 0.0001

/**
 * How much of the failures that a phase was allowed it had: the share that an `errors<…` objective over all operations
 * allows, of everything due. Above 1 the budget is overspent.
 */
export function errorBudget(phase: DrivenPhase, objective: string | undefined): ErrorBudget {
  const objectives = objective === undefined ? [] : parseObjectives(objective, operationKinds)
  const given = objectives.find(({ metric, operation }) => metric === 'errors' && operation === undefined)
  const allowedShare = given?.bound ?? allowedShareDefault
  const failed = phase.operations
    .filter(({ outcome }) => outcome !== 'ok')
    .reduce((sum, { count }) => sum + count, phase.dropped)
  const allowed = allowedShare * phase.due
  // Without any allowance the first failure overspends it without measure; a report holds finite numbers.
  const spentShare = failed === 0 ? 0 : allowed === 0 ? Number.MAX_SAFE_INTEGER : failed / allowed
  return { allowedShare, failed, spentShare }
}
