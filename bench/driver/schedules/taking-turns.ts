import type { ArrivalSchedule } from './arrival-schedule.ts'

/** One of two that take turns, each turn of this length; both begin at the same moment. */
export type Turns = { readonly isFirst: boolean; readonly seconds: number }

/**
 * Spreads a schedule over the turns of its own, with as much time of the other's between: what a machine does to one of two
 * targets it then soon does to the other, and neither waits for a core that the other's load takes.
 */
export function takingTurns(schedule: ArrivalSchedule, { isFirst, seconds }: Turns): ArrivalSchedule {
  const turnNs = seconds * 1e9
  const startNs = isFirst ? 0 : turnNs
  return {
    nextDueNs() {
      const ownNs = schedule.nextDueNs()
      return ownNs === undefined ? undefined : startNs + ownNs + Math.floor(ownNs / turnNs) * turnNs
    },
  }
}
