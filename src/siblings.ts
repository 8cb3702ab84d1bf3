import type { MaybePromise } from './support/maybe-promise.ts'

/** Something that every thread of a node can be asked about, by name and by what it answers. */
export type Topic<Answer> = { readonly name: string; readonly answers?: Answer }

/** The serving threads of one node, as one of them sees them: what counts for the whole node is gathered from all. */
export interface Siblings {
  /** Which thread this is, from 1. */
  readonly worker: number
  /** How many there are. */
  readonly workers: number
  /** How many died and were replaced since the start. */
  restarts(): number
  /** Counts a request that begins or ends here; returns how many are under way in all threads then. */
  countRequest(change: 1 | -1): number
  /** How many are under way in all threads, without a lock that threads would wait for. */
  requestsInFlight(): number
  /** Says what this thread answers about a topic. */
  provide<Answer>(topic: Topic<Answer>, answer: () => MaybePromise<Answer>): void
  /** What every thread answers, this one included, in their order; one that is dying may be missing. */
  gather<Answer>(
    topic: Topic<Answer>,
  ): Promise<readonly { readonly worker: number; readonly answer: Answer }[]>
}

/** The answers that a thread gives about itself. */
export class Provisions {
  readonly #answers = new Map<string, () => unknown>()

  provide<Answer>(topic: Topic<Answer>, answer: () => MaybePromise<Answer>): void {
    this.#answers.set(topic.name, answer)
  }

  async answer(topic: string): Promise<unknown> {
    return this.#answers.get(topic)?.()
  }
}

/** A node of one thread has no siblings but itself. */
export function noSiblings(): Siblings {
  const provisions = new Provisions()
  let inFlight = 0
  return {
    worker: 1,
    workers: 1,
    restarts: () => 0,
    countRequest: (change) => {
      inFlight += change
      return inFlight
    },
    requestsInFlight: () => inFlight,
    provide: (topic, answer) => provisions.provide(topic, answer),
    gather: async <Answer>(topic: Topic<Answer>) => [
      { worker: 1, answer: (await provisions.answer(topic.name)) as Answer },
    ],
  }
}
