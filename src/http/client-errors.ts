import { type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import { HandleError } from '../errors.ts'
import { errorBody, jsonContentType } from './error-answers.ts'

/**
 * Answers what never became a request: too slow, with too long a header, or not HTTP. Such input reaches no route, so
 * the answer is written onto the socket, in the form that every other error has.
 */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || hasBegunToAnswer(socket)) {
    socket.destroy()
    return
  }
  const known = clientError(error)
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

function clientError(error: Error & { code?: string }): HandleError {
  switch (error.code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new HandleError('REQUEST_TIMEOUT', 'the request did not arrive in time', { cause: error })
    case 'HPE_HEADER_OVERFLOW':
      return new HandleError('HEADER_TOO_LARGE', 'the request header is larger than this node takes', {
        cause: error,
      })
  }
  return new HandleError('MALFORMED_REQUEST', `this is not HTTP: ${error.message}`, { cause: error })
}

// Where Node's own handler looks, too: a status line in the middle of an answer would be taken for its content.
function hasBegunToAnswer(socket: Socket & { _httpMessage?: ServerResponse }): boolean {
  return socket._httpMessage?.headersSent === true
}
