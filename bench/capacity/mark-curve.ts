import { objectiveMetrics, parseObjectives } from '../objective/parse-objectives.ts'
import { nearFloor } from '../report/near-floor.ts'
import type { Calibration } from '../report/report.ts'
import { operationKinds } from '../workload/operation.ts'
import type { CurvePoint } from './capacity-result.ts'

/** Beyond this share of the shortest time that an objective allows, the generator's lateness has a good part in what was met. */
const latenessShareMax = 0.25

/** Names at each point what of it is mostly the harness: near its floor, where that was measured, or its lateness. */
export function markCurve(
  curve: readonly CurvePoint[],
  { objective, calibration }: { readonly objective: string; readonly calibration: Calibration | undefined },
): CurvePoint[] {
  const times = parseObjectives(objective, operationKinds).filter(
    ({ metric }) => objectiveMetrics[metric] === 'time',
  )
  const shortestNs = Math.min(...times.map(({ bound }) => bound))
  return curve.map((point) => {
    const isLate = (point.latenessP99Ns ?? 0) > shortestNs * latenessShareMax
    const near = calibration === undefined ? [] : nearFloor(point, calibration)
    const mostlyHarness = [...near, ...(isLate ? ['lateness'] : [])]
    return mostlyHarness.length === 0 ? point : { ...point, mostlyHarness }
  })
}
