import { setTimeout as sleep } from 'node:timers/promises'

const secondsMax = 90

/** Asks again and again until it holds. @throws Error where that does not happen in a time that is long on any machine. */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + secondsMax * 1000
  while (!(await holds())) {
    if (performance.now() > deadlineMs) throw new Error(`did not happen within ${secondsMax} s`)
    await sleep(100)
  }
}
