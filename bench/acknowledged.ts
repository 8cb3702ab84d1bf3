import type { DrivenPhase } from './report/report.ts'
import type { Session } from './session.ts'
import type { AcknowledgedState } from './workload/workload.ts'

const readBackAtOnce = 64

/** Reads what every acknowledged write led to again, from the server as it is now, and counts what is not there. */
export async function readAcknowledged(
  { target, signal }: Pick<Session, 'target' | 'signal'>,
  acknowledged: readonly AcknowledgedState[],
): Promise<NonNullable<DrivenPhase['acknowledged']>> {
  const left = [...acknowledged]
  let lost = 0
  const work = async (): Promise<void> => {
    for (let state = left.pop(); state !== undefined && !signal.aborted; state = left.pop()) {
      const { outcome } = await target.perform({ kind: 'resolve', ...state }, signal)
      if (outcome !== 'ok') lost++
    }
  }
  await Promise.all(Array.from({ length: readBackAtOnce }, work))
  return { checked: acknowledged.length, lost }
}
