import { systemClock } from '../support/clock.ts'

/** How far a long job is, on standard error: one line kept fresh on a terminal, a line now and then in a log. */
export type Progress = {
  readonly done: number
  add(items: number): void
  stop(): void
}

/** Where the number of items is not known beforehand, the share of the file that was read tells what is left. */
export type ReadShare = { bytesRead(): number; readonly bytesMax: number }

const terminalIntervalMs = 250
const logIntervalMs = 5000

/** Starts reporting; `share` is undefined when nobody knows how much there is. */
export function startProgress(unit: string, share: ReadShare | undefined): Progress {
  const startedMs = systemClock.nowMs()
  const { stderr } = process
  let done = 0
  const print = (end: string): void => {
    const text = progressText({
      done,
      unit,
      seconds: (systemClock.nowMs() - startedMs) / 1000,
      fraction: share === undefined || share.bytesMax === 0 ? undefined : share.bytesRead() / share.bytesMax,
    })
    stderr.write(stderr.isTTY ? `\r\u001b[K${text}${end}` : `${text}\n`)
  }
  const timer = setInterval(print, stderr.isTTY ? terminalIntervalMs : logIntervalMs, '')
  return {
    get done() {
      return done
    },
    add: (items) => {
      done += items
    },
    stop: () => {
      clearInterval(timer)
      print('\n')
    },
  }
}

/** `1200 records, 400/s`, then `30%, about 2800 left, ETA 7 s` where the end is in sight. */
export function progressText(state: {
  done: number
  unit: string
  seconds: number
  fraction: number | undefined
}): string {
  const { done, unit, seconds, fraction } = state
  const perSecond = done / Math.max(0.001, seconds)
  const text = `${done} ${unit}, ${Math.round(perSecond)}/s`
  if (fraction === undefined || fraction <= 0 || done === 0) return text
  const left = done / Math.min(1, fraction) - done
  const etaSeconds = Math.ceil(left / perSecond)
  return `${text}, ${Math.floor(Math.min(1, fraction) * 100)}%, about ${Math.round(left)} left, ETA ${etaSeconds} s`
}
