import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { NodeConfig } from '../config.ts'
import { HandleError } from '../errors.ts'
import { errorBody, jsonContentType } from './error-answers.ts'

/** A socket as the server holds it: with the answer that is being made or sent on it. */
export type ServerSocket = Socket & { readonly _httpMessage?: ServerResponse | null }

/** What a request may take before it is one. */
type ClientLimits = Pick<NodeConfig, 'headerBytesMax'>

/**
 * Answers what never became a request: too slow, with too long a header, or not HTTP. Such input reaches no route, so
 * the answer is written onto the socket, in the form that every other error has, after the answers to the requests that
 * came whole before it.
 */
export function answerClientError(
  error: Error & { code?: string },
  socket: ServerSocket,
  limits: ClientLimits,
): void {
  const answer = socket._httpMessage
  if (socket.writable && answer?.req.complete) {
    // What goes on arriving is as little HTTP as before.
    if (answeringEarlier.has(socket)) return
    answeringEarlier.add(socket)
    answer.once('close', () => {
      answeringEarlier.delete(socket)
      answerClientError(error, socket, limits)
    })
    return
  }
  // A status line in the middle of an answer would be taken for its content.
  if (!socket.writable || answer?.headersSent) {
    socket.destroy()
    return
  }
  const known = clientError(error, limits)
  const body = errorBody(known, undefined)
  const head = [
    `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}`,
    `Content-Type: ${jsonContentType}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  socket.destroySoon()
}

function clientError(error: Error & { code?: string }, { headerBytesMax }: ClientLimits): HandleError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HandleError('REQUEST_TIMEOUT', 'the request did not arrive in time', {
        cause: error,
      })
    case 'HPE_HEADER_OVERFLOW':
      return new HandleError(
        'HEADER_TOO_LARGE',
        `the request header is larger than the ${headerBytesMax} bytes that this node takes`,
        { cause: error },
      )
  }
  return new HandleError('MALFORMED_REQUEST', `this is not HTTP: ${error.message}`, { cause: error })
}

const answeringEarlier = new WeakSet<Socket>()
