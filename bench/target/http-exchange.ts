import { type Dispatcher, Pool } from 'undici'
import type { Clock } from '../../src/support/clock.ts'
import { followRedirects } from './redirects.ts'
import { endedBy, namingRequest } from './request-errors.ts'
import { TargetError } from './target-error.ts'

export type HttpRequest = {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS'
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export type HttpAnswer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export type HttpExchangeOptions = {
  readonly url: string
  readonly connections: number
  /** From handing the request over to the last byte of its answer, waiting for a free connection included. */
  readonly timeoutSeconds: number
  /** A connection is closed after so many requests; kept open unless given. */
  readonly requestsPerConnection?: number | undefined
  /** Takes any certificate. */
  readonly insecure?: boolean | undefined
  readonly clock: Clock
}

/** Sends whole requests for whole answers. */
export interface Exchanger {
  /** The answer, after following redirects within the same origin; rejects with a TargetError. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

/** The longest answer that is taken. */
export const answerBytesMax = 256 * 1024 * 1024

const sweepMs = 50
const keepAliveSeconds = 30

/**
 * Whole requests for whole answers over kept-alive connections. One sweep ends what took too long and one listener
 * a signal ends what is no longer wanted: timers and listeners by the request cost more than the request.
 */
export class HttpExchange implements Exchanger {
  readonly #pool: Pool
  readonly #origin: string
  readonly #basePath: string
  readonly #timeoutSeconds: number
  readonly #clock: Clock
  readonly #pending = new Set<Exchange>()
  readonly #watched = new WeakSet<AbortSignal>()
  readonly #sweep: NodeJS.Timeout

  constructor(options: HttpExchangeOptions) {
    const url = new URL(options.url)
    this.#origin = url.origin
    this.#basePath = url.pathname.replace(/\/$/, '')
    this.#timeoutSeconds = options.timeoutSeconds
    this.#clock = options.clock
    this.#pool = new Pool(url.origin, {
      connections: options.connections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: keepAliveSeconds * 1000,
      connect: {
        timeout: options.timeoutSeconds * 1000,
        rejectUnauthorized: options.insecure !== true,
      },
      allowH2: false,
      ...(options.requestsPerConnection === undefined
        ? {}
        : { maxRequestsPerClient: options.requestsPerConnection }),
    })
    this.#sweep = setInterval(() => this.#endOverdue(), sweepMs)
    this.#sweep.unref()
  }

  async send(given: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    const request = { ...given, path: this.#basePath + given.path }
    const send = (next: HttpRequest): Promise<HttpAnswer> => this.#sendOnce(next, signal)
    return followRedirects({ answer: await send(request), request }, { origin: this.#origin, send })
  }

  async close(): Promise<void> {
    clearInterval(this.#sweep)
    await this.#pool.destroy()
  }

  #sendOnce(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer> {
    this.#watch(signal)
    return new Promise((resolve, reject) => {
      const fail = (error: TargetError): void =>
        reject(namingRequest(error, { origin: this.#origin, request }))
      if (signal.aborted) return fail(new TargetError('ABORTED', 'stopped before it was sent'))
      const exchange = new Exchange(this.#pending, signal, this.#clock.nowNs(), resolve, fail)
      this.#pending.add(exchange)
      this.#pool.dispatch(request as Dispatcher.DispatchOptions, exchange)
    })
  }

  #watch(signal: AbortSignal): void {
    if (this.#watched.has(signal)) return
    this.#watched.add(signal)
    const endAll = (): void => {
      for (const exchange of this.#pending) {
        if (exchange.signal === signal)
          exchange.end(endedBy(signal, this.#clock.nowNs() - exchange.startedNs))
      }
    }
    signal.addEventListener('abort', endAll, { once: true })
  }

  #endOverdue(): void {
    const overdueNs = this.#clock.nowNs() - this.#timeoutSeconds * 1e9
    // Added in the order of sending, so the first that is in time ends the search.
    for (const exchange of this.#pending) {
      if (exchange.startedNs > overdueNs) return
      exchange.end(new TargetError('TIMEOUT', `no answer within ${this.#timeoutSeconds} s`))
    }
  }
}

/** One request under way, as the handler that undici calls. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly signal: AbortSignal
  readonly startedNs: number
  readonly #pending: Set<Exchange>
  readonly #resolve: (answer: HttpAnswer) => void
  readonly #reject: (error: TargetError) => void
  readonly #chunks: Buffer[] = []
  #bytes = 0
  #status = 0
  #headers: HttpAnswer['headers'] = {}
  #controller: Dispatcher.DispatchController | undefined

  constructor(
    pending: Set<Exchange>,
    signal: AbortSignal,
    startedNs: number,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: TargetError) => void,
  ) {
    this.#pending = pending
    this.signal = signal
    this.startedNs = startedNs
    this.#resolve = resolve
    this.#reject = reject
  }

  end(error: TargetError): void {
    if (!this.#pending.delete(this)) return
    this.#reject(error)
    this.#controller?.abort(error)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (!this.#pending.has(this))
      controller.abort(new TargetError('ABORTED', 'given up while waiting for a connection'))
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpAnswer['headers'],
  ): void {
    this.#status = status
    this.#headers = headers
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#chunks.push(chunk)
    if (this.#bytes > answerBytesMax)
      this.end(new TargetError('PROTOCOL', `an answer above ${answerBytesMax} bytes`))
  }

  onResponseEnd(): void {
    if (!this.#pending.delete(this)) return
    const [first] = this.#chunks
    const body =
      this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#bytes)
    this.#resolve({ status: this.#status, headers: this.#headers, body })
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end(asTargetError(error))
  }
}

const unreachableCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** What OpenSSL says of a certificate that it does not trust, and Node of one for another host. */
const certificateCodes = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])
const certificateAdvice =
  'name its issuer in the environment variable NODE_EXTRA_CA_CERTS, or take any certificate with --insecure'

function asTargetError(error: Error & { code?: string }): TargetError {
  if (error instanceof TargetError) return error
  const code = error.code ?? error.name
  const reason = error.message === '' ? code : `${error.message} (${code})`
  const text = certificateCodes.has(code) ? `${reason}; ${certificateAdvice}` : reason
  return new TargetError(unreachableCodes.has(code) ? 'UNREACHABLE' : 'CONNECTION', text, { cause: error })
}
