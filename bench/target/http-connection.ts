import { createConnection, type Socket } from 'node:net'
import { AnswerParser, type ParsedAnswer } from './answer-parser.ts'
import type { HttpRequest } from './http-exchange.ts'
import { TargetError } from './target-error.ts'

/** What a connection tells whoever owns it about the one request it carries. */
export type ConnectionEvents = {
  answered(connection: HttpConnection, answer: ParsedAnswer): void
  /** It is gone; `unused` when no byte of an answer had come on a connection that had served before. */
  ended(connection: HttpConnection, error: TargetError, facts: { readonly unused: boolean }): void
}

/**
 * All connections read into it, one after another: memory of its own for each read would be the collector's to find again, in
 * pauses that make whatever is due then late.
 */
const received = Buffer.allocUnsafeSlow(64 * 1024)

/** One kept-alive connection with at most one request under way. */
export class HttpConnection {
  readonly #socket: Socket
  readonly #events: ConnectionEvents
  readonly #parser: AnswerParser
  #served = 0
  #ended = false
  /** When it last had nothing to do, on the owner's clock. */
  idleSinceNs = 0
  /** The owner's request that is under way on it. */
  carries: unknown

  constructor(
    at: { readonly host: string; readonly port: number; readonly answerBytesMax: number },
    events: ConnectionEvents,
  ) {
    this.#events = events
    this.#parser = new AnswerParser({ bytesMax: at.answerBytesMax })
    const callback = (length: number, buffer: Uint8Array): boolean => {
      this.#read(buffer as Buffer, length)
      return true
    }
    const onread = { buffer: received, callback }
    this.#socket = createConnection({ host: at.host, port: at.port, noDelay: true, onread })
    this.#socket.once('error', (error: NodeJS.ErrnoException) => this.#end(asTargetError(error)))
    this.#socket.once('close', () => this.#closed())
  }

  /** How many requests were answered on it. */
  get served(): number {
    return this.#served
  }

  /** Whether it can carry nothing any more. */
  get isEnded(): boolean {
    return this.#ended
  }

  /** Sends a request whose head begins with `head` and ends here. */
  send(head: string, body: HttpRequest['body']): void {
    if (body === undefined) this.#socket.write(`${head}\r\n`, 'latin1')
    else if (typeof body === 'string') {
      this.#socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    } else {
      this.#socket.cork()
      this.#socket.write(`${head}content-length: ${body.length}\r\n\r\n`, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    }
  }

  /** Ends it without telling its owner. */
  destroy(): void {
    this.#ended = true
    this.#socket.destroy()
  }

  #read(buffer: Buffer, length: number): void {
    if (this.#ended) return
    let answer: ParsedAnswer | undefined
    try {
      answer = this.#parser.push(buffer.subarray(0, length))
    } catch (error) {
      if (!(error instanceof TargetError)) throw error
      this.#socket.destroy()
      this.#end(error)
      return
    }
    if (answer === undefined) return
    this.#served++
    this.#events.answered(this, answer)
  }

  #closed(): void {
    const last = this.#parser.finish()
    if (last !== undefined && !this.#ended) this.#events.answered(this, last)
    this.#end(new TargetError('CONNECTION', 'the server closed the connection before a whole answer'))
  }

  #end(error: TargetError): void {
    if (this.#ended) return
    this.#ended = true
    this.#events.ended(this, error, { unused: this.#served > 0 && !this.#parser.isWithin })
  }
}

const unreachableCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'])

function asTargetError(error: NodeJS.ErrnoException): TargetError {
  const code = error.code ?? error.name
  const text = error.message === '' ? code : `${error.message} (${code})`
  return new TargetError(unreachableCodes.has(code) ? 'UNREACHABLE' : 'CONNECTION', text, { cause: error })
}
