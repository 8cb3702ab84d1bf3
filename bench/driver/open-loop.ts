import type { Clock } from '../../src/support/clock.ts'
import type { OperationRecorder } from '../measure/operation-recorder.ts'
import { InOrder, type Linked } from '../support/in-order.ts'
import type { Target } from '../target/target.ts'
import type { Operation, OperationResult } from '../workload/operation.ts'
import type { Workload } from '../workload/workload.ts'
import { openPacer, type Pacer } from './pacer.ts'
import type { ArrivalSchedule } from './schedules/arrival-schedule.ts'

export type OpenLoopOptions = {
  readonly workload: Workload
  readonly schedule: ArrivalSchedule
  readonly target: Target
  /** Told of everything in nanoseconds after the start of the loop. */
  readonly recorder: Omit<OperationRecorder, 'snapshot'>
  readonly clock: Clock
  /** Beyond this many unanswered requests an arrival is dropped, and counted, instead of sent. */
  readonly inFlightMax: number
  /** How long arrivals are offered, in which the last gap has its part; until the last arrival unless given. */
  readonly scheduledSeconds?: number | undefined
  /** How long the last answers are waited for; what has not answered then is a time-out. */
  readonly drainSecondsMax: number
  readonly signal: AbortSignal
}

export type OpenLoopResult = {
  readonly due: number
  readonly sent: number
  readonly dropped: number
  /** Drops at arrivals that the loop itself reached late: a backlog of ours, not requests held by the target. */
  readonly droppedWhileLate: number
  /** The loop was so late that it ended before its schedule did. */
  readonly gaveUp: boolean
  /**
   * The time in which arrivals were offered, by which rates are divided: what was scheduled, or longer where the loop was
   * late, or until it was interrupted. Waiting for the last answers is no part of it.
   */
  readonly measuredSeconds: number
  /** How long the last answers were waited for after that. */
  readonly drainSeconds: number
}

/** An arrival reached this long after its due time was late by the loop's own fault. */
export const lateNs = 10e6

/** A loop that is this late ends: it will not catch up, and the phase is void as it is. */
const backlogNsMax = 3e9

/** So many sends follow each other before the event loop may read answers again. */
const burstMax = 256

/** After so many, answers are read before an arrival is dropped. */
const readEvery = 16

/**
 * Sends each operation when it is due, whether or not earlier ones have answered, so a stalled target cannot slow its
 * own measurement down (coordinated omission). A late wake-up sends the backlog at once; the lateness shows in latency.
 * Keeps the pacer that it is given for whoever has further loops to run.
 */
export async function runOpenLoop(options: OpenLoopOptions, kept?: Pacer): Promise<OpenLoopResult> {
  if (kept !== undefined) return paced(options, kept)
  const pacer = await openPacer(options.clock)
  try {
    return await paced(options, pacer)
  } finally {
    await pacer.close()
  }
}

async function paced(options: OpenLoopOptions, pacer: Pacer): Promise<OpenLoopResult> {
  const { workload, schedule, recorder, clock, inFlightMax, signal } = options
  const flight = createFlight(options, clock.nowNs())
  let due = 0
  let dropped = 0
  let droppedWhileLate = 0
  let burst = 0
  let gaveUp = false
  while (!signal.aborted) {
    const dueNs = schedule.nextDueNs()
    if (dueNs === undefined) break
    const operation = workload.next(dueNs)
    if (operation === undefined) break
    let nowNs = clock.nowNs() - flight.startNs
    if (nowNs < dueNs || burst >= burstMax) {
      await pacer.sleepUntilNs(flight.startNs + dueNs, signal)
      if (signal.aborted) break
      burst = 0
      nowNs = clock.nowNs() - flight.startNs
    }
    // A rate beyond this generator: what is measured from here on would be its own backlog, for ever longer.
    if (nowNs - dueNs > backlogNsMax) {
      gaveUp = true
      break
    }
    due += 1
    burst += 1
    recorder.recordLateness(Math.max(0, nowNs - dueNs))
    if (flight.size() >= inFlightMax && burst > readEvery) {
      // In a backlog of our own, answers may have come that nothing has read yet.
      await pacer.sleepUntilNs(flight.startNs + dueNs, signal)
      burst = 0
      nowNs = clock.nowNs() - flight.startNs
    }
    if (flight.size() >= inFlightMax) {
      dropped += 1
      if (nowNs - dueNs > lateNs) droppedWhileLate += 1
      recorder.recordDropped(operation.kind, dueNs)
      workload.settled?.(operation, false)
    } else flight.send(operation, dueNs, nowNs)
  }
  // What an interruption leaves unanswered was neither measured nor dropped: as if it had never been due.
  const endNs = endOf(options, { reachedNs: clock.nowNs() - flight.startNs, gaveUp })
  due -= await flight.drain(endNs)
  const drainNs = Math.max(0, clock.nowNs() - flight.startNs - endNs)
  const times = { measuredSeconds: endNs / 1e9, drainSeconds: drainNs / 1e9 }
  return { due, sent: due - dropped, dropped, droppedWhileLate, gaveUp, ...times }
}

/** When the loop's time was over: as planned, unless it was left before or its last arrival was reached later. */
function endOf(
  { scheduledSeconds = 0, signal }: OpenLoopOptions,
  { reachedNs, gaveUp }: { readonly reachedNs: number; readonly gaveUp: boolean },
): number {
  return gaveUp || signal.aborted ? reachedNs : Math.max(reachedNs, scheduledSeconds * 1e9)
}

interface Sent extends Linked<Sent> {
  readonly operation: Operation
  readonly dueNs: number
  readonly sentNs: number
}

/**
 * The requests that are under way. `drain` is told when the loop's time is over, waits for the last answers and tells how
 * many an interruption left; answers that come later are no longer recorded.
 */
function createFlight(options: OpenLoopOptions, startNs: number) {
  const { target, recorder, workload, clock, drainSecondsMax, signal } = options
  const unanswered = new InOrder<Sent>()
  const giveUp = new AbortController()
  let whenEmpty: (() => void) | undefined
  let broken: unknown
  let endNs = Number.POSITIVE_INFINITY

  const settle = (sent: Sent, result: OperationResult): void => {
    if (!unanswered.delete(sent)) return
    const { operation, dueNs, sentNs } = sent
    const doneNs = clock.nowNs() - startNs
    recorder.record({
      kind: operation.kind,
      outcome: result.outcome,
      detail: result.detail,
      dueNs,
      sentNs,
      doneNs,
      afterEnd: doneNs > endNs,
    })
    workload.settled?.(operation, result.outcome === 'ok')
    if (unanswered.size === 0) whenEmpty?.()
  }
  const fail = (sent: Sent, error: unknown): void => {
    broken ??= error
    settle(sent, { outcome: 'error', detail: String(error) })
  }

  const send = (operation: Operation, dueNs: number, sentNs: number): void => {
    const sent: Sent = { operation, dueNs, sentNs, previous: undefined, next: undefined, isListed: false }
    unanswered.add(sent)
    target.perform(operation, giveUp.signal).then(
      (result) => settle(sent, result),
      (error) => fail(sent, error),
    )
  }
  const drain = async (untilNs: number): Promise<number> => {
    endNs = untilNs
    if (unanswered.size > 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      whenEmpty = resolve
      const timer = setTimeout(resolve, drainSecondsMax * 1000)
      signal.addEventListener('abort', () => resolve(), { once: true })
      await promise
      clearTimeout(timer)
    }
    const abandoned = signal.aborted ? unanswered.size : 0
    const left = unanswered.toArray()
    if (signal.aborted) for (const sent of left) unanswered.delete(sent)
    for (const sent of signal.aborted ? [] : left) {
      settle(sent, {
        outcome: 'timeout',
        detail: `no answer within ${drainSecondsMax} s of the last arrival`,
      })
    }
    giveUp.abort()
    if (broken !== undefined) throw broken
    return abandoned
  }
  return { startNs, send, drain, size: () => unanswered.size }
}
