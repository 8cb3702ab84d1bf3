import { Presets, SingleBar } from 'cli-progress'
import { systemClock } from '../support/clock.ts'

/** How far a long job is: a bar with rate and ETA on a terminal, a plain line now and then in a log. */
export type Progress = {
  readonly done: number
  add(items: number): void
  stop(): void
}

const lineIntervalMs = 5000

/** Starts reporting on standard error; `total` is undefined when nobody knows it. */
export function startProgress(unit: string, total: number | undefined): Progress {
  return process.stderr.isTTY && total !== undefined ? bar(unit, total) : lines(unit, total)
}

function bar(unit: string, total: number): Progress {
  const single = new SingleBar(
    { format: `{bar} {percentage}% {value}/{total} ${unit} ETA {eta_formatted}`, stream: process.stderr },
    Presets.shades_classic,
  )
  single.start(total, 0)
  let done = 0
  return {
    get done() {
      return done
    },
    add: (items) => {
      done += items
      single.update(done)
    },
    stop: () => single.stop(),
  }
}

function lines(unit: string, total: number | undefined): Progress {
  const startedMs = systemClock.nowMs()
  let done = 0
  const print = (): void => {
    const seconds = Math.max(0.001, (systemClock.nowMs() - startedMs) / 1000)
    const share = total === undefined ? '' : ` of ${total}`
    process.stderr.write(`${done}${share} ${unit}, ${Math.round(done / seconds)}/s\n`)
  }
  const timer = setInterval(print, lineIntervalMs)
  return {
    get done() {
      return done
    },
    add: (items) => {
      done += items
    },
    stop: () => {
      clearInterval(timer)
      print()
    },
  }
}
