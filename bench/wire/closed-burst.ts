import { setTimeout as sleep } from 'node:timers/promises'
import { LatencyHistogram } from '../measure/latency-histogram.ts'
import type { Burst } from '../peers/closed-loop.ts'
import { NumberedQuestions } from './answer-check.ts'
import type { Question } from './questions.ts'
import type { OpenRawChannel, RawChannel } from './raw-channels.ts'

export type ClosedBurstOptions = {
  readonly port: number
  readonly open: OpenRawChannel
  readonly questions: readonly Question[]
  readonly channels: number
  /** Requests under way on each channel, all the time. */
  readonly depth: number
  readonly seconds: number
}

export type TimedBurst = Burst & { readonly latency: LatencyHistogram }

/** Keeps so many requests under way on each channel; wrong answers and those that never came are unexpected. */
export async function closedBurst(options: ClosedBurstOptions): Promise<TimedBurst> {
  const { port, open, questions, channels: count, depth, seconds } = options
  const numbered = new NumberedQuestions(questions, count * depth)
  const sentMs = new Float64Array(count * depth).fill(Number.NaN)
  const latency = new LatencyHistogram()
  const channels: RawChannel[] = []
  let requests = 0
  let unexpected = 0
  const startMs = performance.now()
  const endMs = startMs + seconds * 1000
  const ask = (slot: number): void => {
    sentMs[slot] = performance.now()
    channels[Math.floor(slot / depth)]?.send(numbered.ask(slot))
  }
  for (let channel = 0; channel < count; channel++) {
    const receiver = {
      received: (bytes: Buffer, start: number, end: number): void => {
        const slot = numbered.slotOf(bytes, start)
        const askedMs = sentMs[slot]
        // A second answer to what was taken for lost.
        if (askedMs === undefined || Number.isNaN(askedMs)) return
        if (!numbered.isRight(bytes, start, end)) unexpected++
        const nowMs = performance.now()
        latency.record((nowMs - askedMs) * 1e6)
        requests++
        sentMs[slot] = Number.NaN
        if (nowMs < endMs) ask(slot)
      },
      turnEnded: (): void => channels[channel]?.flush(),
    }
    channels.push(await open(port, receiver))
  }
  for (let slot = 0; slot < count * depth; slot++) ask(slot)
  for (const channel of channels) channel.flush()
  const lost = await lookAfterLost({
    sentMs,
    endMs,
    again: (slot) => {
      ask(slot)
      channels[Math.floor(slot / depth)]?.flush()
    },
  })
  for (const channel of channels) channel.close()
  return { requests, seconds: (endMs - startMs) / 1000, unexpected: unexpected + lost, latency }
}

const lostAfterMs = 500
const lookMs = 50

/** Until the end: counts what was not answered in time, and has it asked again so that its slot is not idle. */
async function lookAfterLost(options: {
  readonly sentMs: Float64Array
  readonly endMs: number
  again(slot: number): void
}): Promise<number> {
  const { sentMs, endMs, again } = options
  let lost = 0
  while (performance.now() < endMs + lostAfterMs) {
    await sleep(lookMs)
    const nowMs = performance.now()
    if (nowMs >= endMs && sentMs.every(Number.isNaN)) return lost
    for (const [slot, askedMs] of sentMs.entries()) {
      if (!(nowMs - askedMs > lostAfterMs)) continue
      lost++
      sentMs[slot] = Number.NaN
      if (nowMs < endMs) again(slot)
    }
  }
  return lost + sentMs.filter((askedMs) => !Number.isNaN(askedMs)).length
}
