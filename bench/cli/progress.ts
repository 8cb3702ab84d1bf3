import { MultiBar } from 'cli-progress'
import type { Clock } from '../../src/support/clock.ts'

/** Shows how far a phase is; nothing that is measured depends on it. */
export type Progress = {
  /** `done` counts up to the total; the note is shown as it is. */
  update(done: number, note?: string): void
  /** Further lines about the present moment, replaced by the next ones. */
  detail?(lines: readonly [string, string]): void
  stop(): void
}

export type ProgressOptions = {
  readonly label: string
  readonly total: number
  readonly unit: string
  readonly clock: Clock
  readonly stream?: NodeJS.WriteStream
}

const plainEveryNs = 5e9

/** A bar with rate and time left on a terminal; elsewhere a plain line every few seconds, fit for a log. */
export function startProgress(options: ProgressOptions): Progress {
  const stream = options.stream ?? process.stderr
  return stream.isTTY ? startBars(options, stream) : startPlain(options, stream)
}

function startBars({ label, total, unit, clock }: ProgressOptions, stream: NodeJS.WriteStream): Progress {
  const format = `${label.padEnd(24)} {bar} {percentage}% | {value}/{total} ${unit} | {rate}/s | {left} left {note}`
  const bars = new MultiBar({ format, stream, hideCursor: true, barsize: 20, noTTYOutput: false, fps: 5 })
  const startedNs = clock.nowNs()
  const bar = bars.create(total, 0, { rate: 0, left: '?', note: '' })
  const texts: { update(value: number, payload: { readonly text: string }): void }[] = []
  return {
    update(done, note = '') {
      bar.update(Math.min(done, total), {
        ...speedOf({ done, total, elapsedNs: clock.nowNs() - startedNs }),
        note,
      })
    },
    detail(lines) {
      for (const [index, text] of lines.entries()) {
        texts[index] ??= bars.create(1, 0, { text: '' }, { format: '  {text}' })
        texts[index].update(0, { text })
      }
    },
    stop: () => bars.stop(),
  }
}

function startPlain({ label, total, unit, clock }: ProgressOptions, stream: NodeJS.WriteStream): Progress {
  const startedNs = clock.nowNs()
  let printedNs = startedNs
  let latest = ''
  stream.write(`${label} …\n`)
  return {
    update(done, note = '') {
      const nowNs = clock.nowNs()
      if (nowNs - printedNs < plainEveryNs) return
      printedNs = nowNs
      const { rate, left } = speedOf({ done, total, elapsedNs: nowNs - startedNs })
      const share = total === 0 ? 100 : Math.floor((100 * Math.min(done, total)) / total)
      const more = [note, latest].filter((text) => text !== '').map((text) => `, ${text}`)
      stream.write(
        `${label}: ${done}/${total} ${unit} (${share}%), ${rate}/s, ${left} left${more.join('')}\n`,
      )
    },
    detail(lines) {
      latest = lines.filter((line) => line !== '').join(', ')
    },
    stop: () => undefined,
  }
}

function speedOf({ done, total, elapsedNs }: { done: number; total: number; elapsedNs: number }) {
  const perSecond = elapsedNs > 0 ? (done * 1e9) / elapsedNs : 0
  if (perSecond === 0) return { rate: 0, left: '?' }
  const secondsLeft = Math.max(0, Math.ceil((total - done) / perSecond))
  const left = secondsLeft < 90 ? `${secondsLeft} s` : `${Math.ceil(secondsLeft / 60)} min`
  return { rate: Math.round(perSecond).toLocaleString('en'), left }
}
