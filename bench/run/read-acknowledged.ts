import { voided } from '../report/driven-phase.ts'
import type { DrivenPhase } from '../report/report.ts'
import { slept } from '../support/slept.ts'
import type { Outcome } from '../workload/operation.ts'
import type { AcknowledgedState } from '../workload/workload.ts'
import type { Session } from './session.ts'

const readBackAtOnce = 64
const attemptsMax = 5
const pauseSeconds = 0.2

type ReadBack = NonNullable<DrivenPhase['acknowledged']>
type Asked = Pick<Session, 'target' | 'signal'>

/**
 * Reads what every acknowledged write led to again, from the server as it is now. Lost is what the server answers otherwise,
 * or as absent; what it does not answer is asked for again a few times and remains unread after that. An abort ends the reading:
 * whatever comes later tells nothing.
 */
export async function readAcknowledged(
  asked: Asked,
  acknowledged: readonly AcknowledgedState[],
): Promise<ReadBack> {
  let left = acknowledged
  let lost = 0
  for (let attempt = 0; attempt < attemptsMax && left.length > 0; attempt++) {
    if (!(await slept(attempt * pauseSeconds, asked.signal))) break
    const read = await readOnce(asked, left)
    lost += read.lost
    left = read.unread
  }
  return { checked: acknowledged.length - left.length, lost, unread: left.length }
}

/** The phase with what reading back found, which is void where not everything could be read. */
export function withReadBack(phase: DrivenPhase, acknowledged: ReadBack): DrivenPhase {
  const { checked, unread = 0 } = acknowledged
  const reason = `${unread} of ${checked + unread} acknowledged writes could not be read again: lost or not, nobody knows`
  return voided({ ...phase, acknowledged }, unread === 0 ? [] : [reason])
}

async function readOnce({ target, signal }: Asked, states: readonly AcknowledgedState[]) {
  const left = [...states]
  const unread: AcknowledgedState[] = []
  let lost = 0
  const outcomeOf = async (state: AcknowledgedState): Promise<Outcome> =>
    (await target.perform({ kind: 'resolve', ...state }, signal)).outcome
  const work = async (): Promise<void> => {
    for (let state = left.pop(); state !== undefined; state = left.pop()) {
      const outcome = signal.aborted ? undefined : await outcomeOf(state)
      // Aborted meanwhile, an outcome may be that of the abort.
      if (signal.aborted || (outcome !== 'ok' && outcome !== 'wrong')) unread.push(state)
      else if (outcome === 'wrong') lost++
    }
  }
  await Promise.all(Array.from({ length: readBackAtOnce }, work))
  return { lost, unread }
}
