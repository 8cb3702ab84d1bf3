import { once } from 'node:events'
import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../src/support/clock.ts'
import { alarmCells, alarmTimeIn, monotonicMs, newAlarmMemory } from './alarm-memory.ts'

/** Waits for points in time on a monotonic clock; always lets the event loop turn at least once. */
export interface Pacer {
  /** Returns at or shortly after the time, or as soon as the signal aborts. */
  sleepUntilNs(untilNs: number, signal: AbortSignal): Promise<void>
  close(): Promise<void>
}

/**
 * An event loop's own timers fire a millisecond late, and turning it until the time has come takes a whole core from
 * the node that is measured beside it. So a thread sleeps in the kernel instead and wakes the loop a little early; only
 * the rest is spent in turns of the loop.
 */
export async function openPacer(clock: Clock): Promise<Pacer> {
  const memory = newAlarmMemory()
  const cells = new Int32Array(memory)
  const alarmAtMs = alarmTimeIn(memory)
  const thread = new Worker(new URL(`./alarm-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData: memory,
  })
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()))
  await once(thread, 'message')

  const alarm = async (leftNs: number): Promise<void> => {
    const rung = Atomics.load(cells, alarmCells.asked)
    alarmAtMs[0] = monotonicMs() + (leftNs - wokenEarlyNs) / 1e6
    Atomics.store(cells, alarmCells.asked, rung + 1)
    Atomics.notify(cells, alarmCells.asked)
    const waiting = Atomics.waitAsync(cells, alarmCells.rung, rung)
    if (waiting.async) await waiting.value
  }
  return {
    async sleepUntilNs(untilNs, signal) {
      const leftNs = untilNs - clock.nowNs()
      if (leftNs > wokenEarlyNs) await orAborted(alarm(leftNs), signal)
      await turnUntil(() => clock.nowNs() >= untilNs || signal.aborted)
    },
    async close() {
      Atomics.store(cells, alarmCells.cancelled, 1)
      Atomics.notify(cells, alarmCells.cancelled)
      Atomics.add(cells, alarmCells.asked, 1)
      Atomics.notify(cells, alarmCells.asked)
      await ended
    },
  }
}

// What the way from the kernel's timer through the thread to the event loop takes.
const wokenEarlyNs = 60_000

function turnUntil(isTime: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const check = (): void => {
      if (isTime()) resolve()
      else setImmediate(check)
    }
    setImmediate(check)
  })
}

/** An aborted wait leaves its alarm to ring for nobody: no sleep follows it but the closing. */
function orAborted(alarm: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (): void => {
      signal.removeEventListener('abort', finish)
      resolve()
    }
    signal.addEventListener('abort', finish)
    alarm.then(finish, reject)
    if (signal.aborted) finish()
  })
}
