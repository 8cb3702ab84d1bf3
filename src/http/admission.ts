import type { FastifyInstance } from 'fastify'
import { HandleError } from '../errors.ts'

/** Who may come in: nobody new once the node shuts down. */
export type Admission = {
  refuseNew(): void
}

/** Seconds after which a refused client should try again. */
export const retryAfterSeconds = 1

/**
 * Bounds the requests under way: beyond it, and while the node shuts down, new ones are told to come back later.
 * Registered before the routes: a hook added after them would not be run for them.
 */
export function registerAdmission(
  application: FastifyInstance,
  options: { requestsInFlightMax: number },
): Admission {
  let inFlight = 0
  let closing = false
  application.addHook('onRequest', (_request, reply, done) => {
    inFlight++
    // Every answer closes, sent or cut off; a hook after the answer would miss those whose client went away.
    reply.raw.once('close', () => {
      inFlight--
    })
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
  }
}
