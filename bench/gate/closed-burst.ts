import type { ParsedAnswer } from '../target/answer-parser.ts'
import { HttpConnection } from '../target/http-connection.ts'
import { answerBytesMax } from '../target/http-exchange.ts'
import type { TargetError } from '../target/target-error.ts'

/** What a closed loop got in one burst. */
export type Burst = { readonly answers: number; readonly seconds: number }

export type ClosedLoopOptions = {
  readonly url: string
  /** Of the one record that is asked for, which the node has in its cache after the first time. */
  readonly path: string
  readonly connections: number
}

/**
 * A closed loop in bursts over connections that stay open between them, so that two nodes can take turns many times a
 * second. Only statuses are checked: the open loop verifies answers.
 */
export class ClosedLoop {
  readonly #head: string
  readonly #connections: HttpConnection[] = []
  #untilMs = 0
  #underWay = 0
  #answers = 0
  #failure: string | undefined
  #settled: PromiseWithResolvers<void> | undefined

  constructor({ url, path, connections }: ClosedLoopOptions) {
    const { hostname, port, host, pathname } = new URL(url)
    const base = pathname.replace(/\/$/, '')
    this.#head = `GET ${base}${path} HTTP/1.1\r\nhost: ${host}\r\n`
    const at = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), answerBytesMax }
    for (let index = 0; index < connections; index++) {
      this.#connections.push(
        new HttpConnection(at, {
          answered: (connection, answer) => this.#answered(connection, answer),
          ended: (_connection, error) => this.#ended(error),
        }),
      )
    }
  }

  /** Asks on every connection until the time is over, then waits for the answers that are still under way. */
  async burst(seconds: number): Promise<Burst> {
    const startedMs = performance.now()
    this.#untilMs = startedMs + seconds * 1000
    this.#answers = 0
    this.#settled = Promise.withResolvers()
    this.#underWay = this.#connections.length
    for (const connection of this.#connections) connection.send(this.#head, undefined)
    if (this.#failure === undefined) await this.#settled.promise
    return { answers: this.#answers, seconds: (performance.now() - startedMs) / 1000 }
  }

  /** Why a burst did not go as it should; undefined as long as all did. */
  get failure(): string | undefined {
    return this.#failure
  }

  close(): void {
    for (const connection of this.#connections) connection.destroy()
  }

  #answered(connection: HttpConnection, { status, keepsAlive }: ParsedAnswer): void {
    if (status !== 200) this.#failure ??= `a closed loop was answered with status ${status}`
    if (!keepsAlive) this.#failure ??= 'the server closes connections after an answer'
    this.#answers++
    if (this.#failure === undefined && performance.now() < this.#untilMs) {
      connection.send(this.#head, undefined)
      return
    }
    this.#underWay--
    if (this.#underWay === 0) this.#settled?.resolve()
  }

  #ended(error: TargetError): void {
    this.#failure ??= error.message
    this.#settled?.resolve()
  }
}
