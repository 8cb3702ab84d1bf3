import { randomBytes, randomInt } from 'node:crypto'
import { type Clock, nowSeconds } from '../support/clock.ts'
import type { Message } from './codec/message.ts'

/** A request that waits for a proof of who sent it. */
export type Challenge = { readonly request: Message; readonly nonce: Buffer; readonly untilSeconds: number }

/** Requests that were challenged, by the session that each challenge began: bounded in number and in time. */
export class Challenges {
  readonly #clock: Clock
  readonly #worker: number
  readonly #open = new Map<number, Challenge>()

  /** `worker` is this thread's number: it is told in the session, so that any thread knows whose a session is. */
  constructor(clock: Clock, worker: number) {
    this.#clock = clock
    this.#worker = worker
  }

  begin(request: Message): { sessionId: number; nonce: Buffer } {
    // Oldest first, and all live equally long.
    for (const [sessionId, { untilSeconds }] of this.#open) {
      if (this.#open.size < openMax && untilSeconds > nowSeconds(this.#clock)) break
      this.#open.delete(sessionId)
    }
    const sessionId = this.#worker * sessionsPerWorker + randomInt(1, sessionsPerWorker)
    const nonce = randomBytes(nonceBytes)
    const kept: Message = { ...request, ...copied(request) }
    this.#open.delete(sessionId)
    this.#open.set(sessionId, { request: kept, nonce, untilSeconds: nowSeconds(this.#clock) + lifeSeconds })
    return { sessionId, nonce }
  }

  /** Ends the session: a challenge is answered once. */
  take(sessionId: number): Challenge | undefined {
    const challenge = this.#open.get(sessionId)
    this.#open.delete(sessionId)
    return challenge !== undefined && challenge.untilSeconds > nowSeconds(this.#clock) ? challenge : undefined
  }
}

/** Which worker began a session. */
export function workerOfSession(sessionId: number): number {
  return Math.floor(sessionId / sessionsPerWorker)
}

// Sessions are positive 32-bit integers: 256 workers of 2^22 each.
const sessionsPerWorker = 2 ** 22
const openMax = 1000
const lifeSeconds = 60
const nonceBytes = 16

// What arrived may be a view of a far larger chunk.
function copied(request: Message): Pick<Message, 'body' | 'digested'> {
  const digested = Buffer.from(request.digested)
  return { digested, body: digested.subarray(digested.length - request.body.length) }
}
