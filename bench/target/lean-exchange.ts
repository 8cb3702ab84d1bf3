import { InOrder, type Linked } from '../support/in-order.ts'
import { WaitingLine } from '../support/waiting-line.ts'
import type { ParsedAnswer } from './answer-parser.ts'
import { HttpConnection } from './http-connection.ts'
import {
  answerBytesMax,
  type Exchanger,
  type HttpAnswer,
  type HttpExchangeOptions,
  type HttpRequest,
} from './http-exchange.ts'
import { followRedirects, isRedirect } from './redirects.ts'
import { endedBy, namingRequest } from './request-errors.ts'
import { TargetError } from './target-error.ts'

const sweepMs = 50
const idleSecondsMax = 30

/**
 * Requests over kept-alive plain-HTTP connections, one under way on each. It does what measuring needs and nothing else,
 * for a third of the CPU of a general client: the generator shares a machine with what it measures (decision 007).
 */
export class LeanExchange implements Exchanger {
  readonly #options: HttpExchangeOptions
  readonly #origin: URL
  readonly #hostHeader: string
  readonly #basePath: string
  readonly #idle: HttpConnection[] = []
  #carrying = 0
  /** For a connection; those that were given up meanwhile are passed over. */
  readonly #waiting = new WaitingLine<Pending>()
  readonly #pending = new InOrder<Pending>()
  readonly #watched = new WeakSet<AbortSignal>()
  readonly #sweep: NodeJS.Timeout
  #closed = false

  constructor(options: HttpExchangeOptions) {
    this.#options = options
    this.#origin = new URL(options.url)
    this.#hostHeader = ` HTTP/1.1\r\nhost: ${this.#origin.host}\r\n`
    this.#basePath = this.#origin.pathname.replace(/\/$/, '')
    this.#sweep = setInterval(() => this.#tidy(), sweepMs)
    this.#sweep.unref()
  }

  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const first = this.#basePath === '' ? request : { ...request, path: this.#basePath + request.path }
    return this.#sendOnce(first, signal, { follows: true })
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweep)
    for (const pending of this.#pending.toArray())
      this.#fail(pending, new TargetError('ABORTED', 'the client was closed'))
    for (const connection of this.#idle) connection.destroy()
  }

  #sendOnce(
    request: HttpRequest,
    signal: AbortSignal,
    { follows }: { readonly follows: boolean },
  ): Promise<HttpAnswer> {
    this.#watch(signal)
    return new Promise((resolve, reject) => {
      if (signal.aborted || this.#closed)
        return reject(this.#named(new TargetError('ABORTED', 'stopped before it was sent'), request))
      const startedNs = this.#options.clock.nowNs()
      const pending: Pending = {
        request,
        signal,
        startedNs,
        resolve,
        reject,
        connection: undefined,
        retried: false,
        follows,
        previous: undefined,
        next: undefined,
        isListed: false,
      }
      this.#pending.add(pending)
      // Whoever waits for an answer is told at least that none came, even where no socket keeps the process running.
      this.#sweep.ref()
      this.#dispatch(pending)
    })
  }

  #dispatch(pending: Pending): void {
    const connection = this.#takeIdle() ?? this.#openAnother()
    if (connection === undefined) {
      this.#waiting.push(pending)
      return
    }
    pending.connection = connection
    connection.carries = pending
    this.#carrying++
    const { method, path, headers, body } = pending.request
    let head = `${method} ${path}${this.#hostHeader}`
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`
    connection.send(head, body)
  }

  /** The connection that was idle last: one that ended meanwhile carries nothing any more. */
  #takeIdle(): HttpConnection | undefined {
    for (let connection = this.#idle.pop(); connection !== undefined; connection = this.#idle.pop()) {
      if (!connection.isEnded) return connection
    }
    return undefined
  }

  #openAnother(): HttpConnection | undefined {
    if (this.#carrying + this.#idle.length >= this.#options.connections) return undefined
    const { hostname, port } = this.#origin
    const host = hostname.replace(/^\[|\]$/g, '')
    return new HttpConnection(
      { host, port: Number(port || 80), answerBytesMax },
      {
        answered: (connection, answer) => this.#answered(connection, answer),
        ended: (connection, error, { unused }) => this.#ended(connection, error, unused),
      },
    )
  }

  #answered(connection: HttpConnection, answer: ParsedAnswer): void {
    const pending = this.#release(connection)
    const { requestsPerConnection = Number.POSITIVE_INFINITY } = this.#options
    const keeps = answer.keepsAlive && connection.served < requestsPerConnection
    if (keeps && pending !== undefined && !this.#closed) {
      connection.idleSinceNs = this.#options.clock.nowNs()
      this.#idle.push(connection)
    } else {
      // Unasked, as a server says 408 before it closes an idle connection (RFC 9110 section 15.5.9).
      if (pending === undefined) this.#forgetIdle(connection)
      connection.destroy()
    }
    this.#dispatchNext()
    if (pending === undefined || !this.#pending.delete(pending)) return
    pending.resolve(pending.follows && isRedirect(answer.status) ? this.#follow(pending, answer) : answer)
  }

  #follow({ request, signal }: Pending, answer: HttpAnswer): Promise<HttpAnswer> {
    const send = (next: HttpRequest): Promise<HttpAnswer> => this.#sendOnce(next, signal, { follows: false })
    return followRedirects({ answer, request }, { origin: this.#origin.origin, send })
  }

  #ended(connection: HttpConnection, error: TargetError, unused: boolean): void {
    this.#forgetIdle(connection)
    const pending = this.#release(connection)
    if (pending !== undefined) {
      // A server may close an idle connection just as a request sets out on it: reads are sent again (RFC 9112 section 9.3.1).
      if (unused && !pending.retried && pending.request.method === 'GET' && pending.isListed) {
        pending.retried = true
        this.#dispatch(pending)
      } else this.#fail(pending, error)
    }
    this.#dispatchNext()
  }

  #forgetIdle(connection: HttpConnection): void {
    const position = this.#idle.indexOf(connection)
    if (position !== -1) this.#idle.splice(position, 1)
  }

  /** What the connection carried until now. */
  #release(connection: HttpConnection): Pending | undefined {
    const pending = connection.carries as Pending | undefined
    if (pending !== undefined) this.#carrying--
    connection.carries = undefined
    return pending
  }

  #dispatchNext(): void {
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!next.isListed) continue
      this.#dispatch(next)
      return
    }
  }

  #fail(pending: Pending, error: TargetError): void {
    if (!this.#pending.delete(pending)) return
    const { connection } = pending
    // Its answer may still come, and must not be taken for that of a later request.
    if (connection?.carries === pending) {
      this.#release(connection)
      connection.destroy()
    }
    pending.reject(this.#named(error, pending.request))
  }

  #named(error: TargetError, request: HttpRequest): TargetError {
    return namingRequest(error, { origin: this.#origin.origin, request })
  }

  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return
    this.#watched.add(signal)
    const endAll = (): void => {
      for (const pending of this.#pending.toArray()) {
        if (pending.signal === signal)
          this.#fail(pending, endedBy(signal, this.#options.clock.nowNs() - pending.startedNs))
      }
    }
    signal.addEventListener('abort', endAll, { once: true })
  }

  #tidy(): void {
    const nowNs = this.#options.clock.nowNs()
    const { timeoutSeconds } = this.#options
    // Added in the order of sending, so the first that is in time ends the search.
    for (let first = this.#pending.first; first !== undefined; first = this.#pending.first) {
      if (first.startedNs > nowNs - timeoutSeconds * 1e9) break
      this.#fail(first, new TargetError('TIMEOUT', `no answer within ${timeoutSeconds} s`))
    }
    while (this.#waiting.size > 0 && this.#carrying + this.#idle.length < this.#options.connections) {
      this.#dispatchNext()
    }
    if (this.#pending.first === undefined) this.#sweep.unref()
    const [oldest] = this.#idle
    if (oldest === undefined || oldest.idleSinceNs > nowNs - idleSecondsMax * 1e9) return
    this.#idle.shift()
    oldest.destroy()
  }
}

interface Pending extends Linked<Pending> {
  readonly request: HttpRequest
  readonly signal: AbortSignal
  readonly startedNs: number
  readonly resolve: (answer: HttpAnswer | Promise<HttpAnswer>) => void
  readonly reject: (error: TargetError) => void
  connection: HttpConnection | undefined
  retried: boolean
  /** Whether its answer is followed where it points somewhere else; what follows is not. */
  readonly follows: boolean
}
