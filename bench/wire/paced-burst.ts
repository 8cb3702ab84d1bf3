import { LatencyHistogram } from '../measure/latency-histogram.ts'
import { NumberedQuestions } from './answer-check.ts'
import type { Question } from './questions.ts'
import type { OpenRawChannel, RawChannel } from './raw-channels.ts'

export type PacedBurstOptions = {
  readonly port: number
  readonly open: OpenRawChannel
  readonly questions: readonly Question[]
  readonly channels: number
  readonly ratePerSecond: number
  readonly seconds: number
}

/** What came of requests that were sent when they were due; nothing was sent twice. */
export type PacedResult = {
  readonly offeredPerSecond: number
  readonly sent: number
  readonly answered: number
  readonly lost: number
  readonly wrong: number
  /** From when each was due. */
  readonly latency: LatencyHistogram
  /** The longest that the generator itself was late, which is part of every latency. */
  readonly latenessMaxMs: number
}

/** Sends at a constant rate whether or not answers come, then waits for the last of them. */
export async function pacedBurst(options: PacedBurstOptions): Promise<PacedResult> {
  const { port, open, questions, channels: count, ratePerSecond, seconds } = options
  const total = Math.floor(ratePerSecond * seconds)
  const numbered = new NumberedQuestions(questions, total)
  const isAnswered = new Uint8Array(total)
  const latency = new LatencyHistogram()
  const stepMs = 1000 / ratePerSecond
  let startMs = 0
  let answered = 0
  let wrong = 0
  const receiver = {
    received: (bytes: Buffer, start: number, end: number): void => {
      const slot = numbered.slotOf(bytes, start)
      if (isAnswered[slot] !== 0) return
      isAnswered[slot] = 1
      answered++
      if (!numbered.isRight(bytes, start, end)) wrong++
      latency.record((performance.now() - startMs - slot * stepMs) * 1e6)
    },
    turnEnded: (): void => undefined,
  }
  const channels: RawChannel[] = []
  for (let channel = 0; channel < count; channel++) channels.push(await open(port, receiver))
  startMs = performance.now()
  const latenessMaxMs = await sendWhenDue(
    { total, stepMs, startMs },
    (slot) => channels[slot % count]?.send(numbered.ask(slot)),
    () => {
      for (const channel of channels) channel.flush()
    },
  )
  await waitFor(() => answered === total)
  for (const channel of channels) channel.close()
  return {
    offeredPerSecond: ratePerSecond,
    sent: total,
    answered,
    lost: total - answered,
    wrong,
    latency,
    latenessMaxMs,
  }
}

const lastAnswersMs = 2000

/** Turns without sleeping: the finest pace that the runtime has. Returns the longest lateness. */
async function sendWhenDue(
  { total, stepMs, startMs }: { readonly total: number; readonly stepMs: number; readonly startMs: number },
  send: (slot: number) => void,
  flush: () => void,
): Promise<number> {
  let latenessMaxMs = 0
  for (let slot = 0; slot < total; ) {
    const nowMs = performance.now() - startMs
    const due = Math.min(total, Math.floor(nowMs / stepMs) + 1)
    if (due > slot) latenessMaxMs = Math.max(latenessMaxMs, nowMs - slot * stepMs)
    while (slot < due) send(slot++)
    flush()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return latenessMaxMs
}

async function waitFor(isDone: () => boolean): Promise<void> {
  const untilMs = performance.now() + lastAnswersMs
  while (!isDone() && performance.now() < untilMs) await new Promise<void>((resolve) => setImmediate(resolve))
}
