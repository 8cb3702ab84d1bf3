import type { FastifyInstance } from 'fastify'
import { HandleError } from '../errors.ts'

/** Who may come in: nobody new once the node shuts down. */
export type Admission = {
  refuseNew(): void
  /** Whether one that begins and ends in this turn may come in, uncounted. */
  isOpen(): boolean
}

/** Seconds after which a refused client should try again. */
export const retryAfterSeconds = 1

/**
 * Bounds the requests under way: beyond it, and while the node shuts down, new ones are told to come back later.
 * Registered before the routes: a hook added after them would not be run for them.
 */
export function registerAdmission(
  application: FastifyInstance,
  options: {
    requestsInFlightMax: number
    /** Counts one more or one fewer, and says how many are under way then. */
    countRequest: (change: 1 | -1) => number
    /** How many are under way. */
    requestsInFlight: () => number
  },
): Admission {
  let closing = false
  application.addHook('onRequest', (_request, reply, done) => {
    const inFlight = options.countRequest(1)
    // Every answer closes, sent or cut off; a hook after the answer would miss those whose client went away.
    reply.raw.once('close', () => options.countRequest(-1))
    if (closing) return done(new HandleError('SHUTTING_DOWN', 'this node is shutting down'))
    if (inFlight > options.requestsInFlightMax) {
      return done(
        new HandleError('SERVER_BUSY', `${options.requestsInFlightMax} requests are under way already`),
      )
    }
    done()
  })
  return {
    refuseNew: () => {
      closing = true
    },
    isOpen: () => !closing && options.requestsInFlight() < options.requestsInFlightMax,
  }
}
