import type { Clock } from '../../src/support/clock.ts'

/** Timers fire a millisecond or so late: the rest of a wait is spent in turns of the event loop. */
const fineWaitNs = 2e6

/** Waits for a point in time on a monotonic clock; always lets the event loop turn at least once. */
export type Pacer = { sleepUntilNs(untilNs: number, signal: AbortSignal): Promise<void> }

/** Coarse waits by timer, fine ones by turning the event loop, which reads answers meanwhile. */
export function createPacer(clock: Clock): Pacer {
  return {
    sleepUntilNs(untilNs, signal) {
      return new Promise((resolve) => {
        const check = (): void => {
          const leftNs = untilNs - clock.nowNs()
          if (leftNs <= 0 || signal.aborted) resolve()
          else if (leftNs > fineWaitNs) sleepCoarsely((leftNs - fineWaitNs) / 1e6, signal, check)
          else setImmediate(check)
        }
        setImmediate(check)
      })
    },
  }
}

function sleepCoarsely(milliseconds: number, signal: AbortSignal, wake: () => void): void {
  const finish = (): void => {
    clearTimeout(timer)
    signal.removeEventListener('abort', finish)
    wake()
  }
  const timer = setTimeout(finish, milliseconds)
  signal.addEventListener('abort', finish)
}
