import type { Message } from '../codec/message.ts'
import type { Request } from '../codec/request.ts'
import { aborted, isRepeatable, overdue, type Pending } from './pending.ts'
import { TcpConnection } from './tcp-connection.ts'
import type { WireClient, WireClientOptions, WireClientStatistics } from './wire-client.ts'
import type { WireClientError } from './wire-client-error.ts'

/** Kept connections, each with several requests under way; a connection more only where all others are full. */
export class TcpClient implements WireClient {
  readonly #options: WireClientOptions
  readonly #connections = new Set<TcpConnection>()
  readonly #queued = new Set<Pending>()
  readonly #sweep: NodeJS.Timeout
  #requests = 0
  #retries = 0
  #timeouts = 0
  #isClosed = false

  constructor(options: WireClientOptions) {
    this.#options = options
    this.#sweep = setInterval(() => this.#giveUpOverdue(), sweepMs)
    this.#sweep.unref()
  }

  send(request: Request, signal?: AbortSignal): Promise<readonly [Message, ...Message[]]> {
    this.#requests++
    return new Promise((resolve, reject) => {
      if (this.#isClosed || signal?.aborted === true) return reject(aborted())
      const startedMs = this.#options.clock.nowNs() / 1e6
      this.#dispatch({ request, signal, startedMs, messages: [], resolve, reject, retries: 0 })
    })
  }

  statistics(): WireClientStatistics {
    return { requests: this.#requests, retries: this.#retries, timeouts: this.#timeouts }
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#sweep)
    for (const pending of this.#queued) pending.reject(aborted())
    this.#queued.clear()
    for (const connection of [...this.#connections]) connection.destroy()
  }

  #dispatch(pending: Pending): void {
    const connection = this.#freest()
    if (connection === undefined) this.#queued.add(pending)
    else connection.send(pending)
  }

  #freest(): TcpConnection | undefined {
    let freest: TcpConnection | undefined
    for (const connection of this.#connections) {
      if (connection.inFlight === 0) return connection
      if (connection.inFlight < (freest?.inFlight ?? this.#options.inFlightMax)) freest = connection
    }
    return this.#connections.size < this.#options.connectionsMax ? this.#open() : freest
  }

  #open(): TcpConnection {
    const { host, port } = this.#options
    const connection = new TcpConnection(
      { host, port },
      {
        freed: () => this.#sendQueued(),
        ended: (ended, left, error) => this.#ended(ended, left, error),
      },
    )
    this.#connections.add(connection)
    return connection
  }

  #sendQueued(): void {
    for (const pending of this.#queued) {
      const connection = this.#freest()
      if (connection === undefined) return
      this.#queued.delete(pending)
      connection.send(pending)
    }
  }

  /** A kept connection that the server ends may have requests on it that it never saw. */
  #ended(connection: TcpConnection, left: readonly Pending[], error: WireClientError): void {
    this.#connections.delete(connection)
    for (const pending of left) {
      const isAgain = error.code === 'UNREACHABLE' && pending.retries === 0 && isRepeatable(pending.request)
      if (!isAgain || this.#isClosed) {
        pending.reject(error)
        continue
      }
      pending.retries++
      pending.messages.length = 0
      this.#retries++
      this.#dispatch(pending)
    }
    this.#sendQueued()
  }

  #giveUpOverdue(): void {
    const at = { nowMs: this.#options.clock.nowNs() / 1e6, timeoutMs: this.#options.timeoutMs }
    for (const { held, error } of overdue(this.#queued, at)) {
      this.#queued.delete(held)
      this.#giveUp(held, error)
    }
    for (const connection of this.#connections) {
      for (const { held, error } of overdue(connection.waiting, at)) {
        connection.forget(held)
        this.#giveUp(held, error)
      }
    }
    this.#sendQueued()
  }

  #giveUp(pending: Pending, error: WireClientError): void {
    if (error.code === 'TIMEOUT') this.#timeouts++
    pending.reject(error)
  }
}

const sweepMs = 20
