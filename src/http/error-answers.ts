import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type ErrorCode, HandleError } from '../errors.ts'
import type { Session, Sessions } from '../sessions.ts'
import { retryAfterSeconds } from './admission.ts'

export const jsonContentType = 'application/json;charset=UTF-8'

declare module 'fastify' {
  interface FastifyRequest {
    /** The handle that the request is about, once it is known: error answers repeat it. */
    askedHandle?: string
  }
}

/** Turns every error into the answer that `errors.ts` gives it; the only place where a status is set for one. */
export function registerErrorAnswers(application: FastifyInstance, sessions: Sessions): void {
  application.setErrorHandler((error: FastifyError | HandleError, request, reply) => {
    const known = error instanceof HandleError ? error : translated(error, request)
    if (known.status === 401) void reply.header('www-authenticate', challenges(sessions.begin(), known))
    if (known.status >= 500) request.log.error({ err: error, handle: request.askedHandle }, 'request failed')
    return sendError(reply, known, request)
  })
  application.setNotFoundHandler((request, reply) =>
    sendError(
      reply,
      new HandleError('NOT_SUPPORTED', `${request.method} ${request.url} is not a route of this node`),
      request,
    ),
  )
}

/** Sends an error as the Handle JSON API does: response code, message where it helps, and the handle that was asked. */
export function sendError(reply: FastifyReply, error: HandleError, request: FastifyRequest): FastifyReply {
  if (error.status === 503) void reply.header('retry-after', retryAfterSeconds)
  return reply.code(error.status).type(jsonContentType).send(errorBody(error, request.askedHandle))
}

/** The two ways to authenticate: with a secret, or in a session that begins with this answer. */
function challenges({ sessionId, nonce }: Session, error: HandleError): string[] {
  const why = error.code === 'AUTHENTICATION_FAILED' ? ', error="Identity not verified"' : ''
  return ['Basic realm="handle"', `Handle sessionId="${sessionId}", nonce="${nonce}"${why}`]
}

/** `{"responseCode":…,"message":…,"handle":…}`; what the response code alone says needs no message. */
export function errorBody(error: HandleError, handle: string | undefined): string {
  const message = selfExplaining.has(error.code) ? undefined : error.message
  return JSON.stringify({ responseCode: error.responseCode, message, handle })
}

const selfExplaining: ReadonlySet<ErrorCode> = new Set([
  'HANDLE_NOT_FOUND',
  'HANDLE_EXISTS',
  'AUTHENTICATION_NEEDED',
  'VALUES_NOT_FOUND',
])

/** What the framework reports, in the node's own terms. */
function translated(error: FastifyError, request: FastifyRequest): HandleError {
  switch (error.code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE': {
      const problem = `the body is larger than the ${request.routeOptions.bodyLimit} bytes that this route takes`
      return new HandleError('REQUEST_TOO_LARGE', problem, { cause: error })
    }
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE': {
      const problem =
        'Content-Type is missing or malformed; expected application/json or application/x-ndjson'
      return new HandleError('MALFORMED_REQUEST', problem, { cause: error })
    }
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_VALIDATION':
      return new HandleError('MALFORMED_REQUEST', error.message, { cause: error })
  }
  if (error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500) {
    return new HandleError('MALFORMED_REQUEST', error.message, { cause: error })
  }
  return new HandleError('INTERNAL', `internal error; the node's log has it`, { cause: error })
}
