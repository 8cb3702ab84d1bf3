import { setTimeout as sleep } from 'node:timers/promises'
import type { Prng } from '../../src/support/prng.ts'
import type { OpenLoopOptions, OpenLoopResult } from './open-loop.ts'

export type ClosedLoopOptions = Pick<
  OpenLoopOptions,
  'workload' | 'target' | 'recorder' | 'clock' | 'signal'
> & {
  /** How many clients ask, each the next as soon as the last was answered and thought over. */
  readonly clients: number
  /** The mean of the exponentially distributed time that a client thinks; 0 for none. */
  readonly thinkSeconds: number
  readonly durationSeconds: number
  readonly prng: Prng
}

/**
 * So many clients that wait for their answers: what a fixed number of users does, and what closed-loop tools measure. A
 * stalled target slows it down, so its latencies leave out what the stall would have cost others; the open loop does not.
 */
export async function runClosedLoop(options: ClosedLoopOptions): Promise<OpenLoopResult> {
  const { workload, target, recorder, clock, signal, clients, durationSeconds } = options
  const startNs = clock.nowNs()
  const endNs = durationSeconds * 1e9
  let due = 0
  const ask = async (): Promise<void> => {
    await think(options, endNs - (clock.nowNs() - startNs))
    while (!signal.aborted) {
      const sentNs = clock.nowNs() - startNs
      if (sentNs >= endNs) return
      const operation = workload.next(sentNs)
      if (operation === undefined) return
      const { outcome, detail } = await target.perform(operation, signal)
      // What an interruption ended was neither answered nor failed.
      if (signal.aborted) return
      due += 1
      recorder.recordLateness(0)
      const doneNs = clock.nowNs() - startNs
      const afterEnd = doneNs > endNs
      recorder.record({ kind: operation.kind, outcome, detail, dueNs: sentNs, sentNs, doneNs, afterEnd })
      workload.settled?.(operation, outcome === 'ok')
      await think(options, endNs - doneNs)
    }
  }
  await Promise.all(Array.from({ length: clients }, ask))
  const elapsedNs = clock.nowNs() - startNs
  const measuredSeconds = Math.min(elapsedNs, endNs) / 1e9
  const drainSeconds = Math.max(0, elapsedNs - endNs) / 1e9
  const nothingDropped = { dropped: 0, droppedWhileLate: 0, gaveUp: false }
  return { due, sent: due, ...nothingDropped, measuredSeconds, drainSeconds }
}

/** Thinks no longer than there is time left: who is still thinking at the end asks no more. */
async function think({ thinkSeconds, prng, signal }: ClosedLoopOptions, leftNs: number): Promise<void> {
  if (thinkSeconds === 0 || leftNs <= 0 || signal.aborted) return
  const milliseconds = -Math.log(1 - prng.nextDouble()) * thinkSeconds * 1000
  // A timer that fires a little early must not let a client ask once more at the end.
  const leftMs = Math.ceil(leftNs / 1e6) + 1
  // An abort ends the thinking, and the loop looks at the signal next.
  await sleep(Math.min(milliseconds, leftMs), undefined, { signal }).catch(() => undefined)
}
