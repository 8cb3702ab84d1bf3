/**
 * A report of version 1 as version 2 says it. Then a closed loop of several clients was an open loop with a field of its own,
 * and `closed-loop` was the name of the ceiling that autocannon finds. Anything else is left as it is, for the schema to judge.
 */
export function upgradeReport(report: object): object {
  const phases: unknown = Reflect.get(report, 'phases')
  return {
    ...report,
    schemaVersion: 2,
    ...(Array.isArray(phases) ? { phases: phases.map((phase: unknown) => upgradePhase(phase)) } : {}),
  }
}

function upgradePhase(phase: unknown): unknown {
  if (typeof phase !== 'object' || phase === null) return phase
  const kind: unknown = Reflect.get(phase, 'kind')
  if (kind === 'closed-loop') return { ...phase, kind: 'ceiling' }
  if (kind === 'open-loop' && Reflect.has(phase, 'closedLoop')) return { ...phase, kind: 'closed-loop' }
  return phase
}
