import { type Message, readMessage } from '../codec/message.ts'
import { envelopeBytes, opFlag } from '../codec/protocol.ts'
import { encodeRequest, type Request } from '../codec/request.ts'
import { aborted, isRepeatable, overdue, type Pending } from './pending.ts'
import { RequestIds } from './request-ids.ts'
import { UdpChannel } from './udp-channel.ts'
import type { WireClient, WireClientOptions, WireClientStatistics } from './wire-client.ts'
import { WireClientError } from './wire-client-error.ts'

/** A request with the packets that are sent again while no answer comes. */
type Datagram = Pending & { readonly channel: UdpChannel; readonly bytes: Buffer; againAtMs: number }

/** Sockets that send each request again, twice as late each time, until it is answered or given up. */
export class UdpClient implements WireClient {
  readonly #options: WireClientOptions
  readonly #channels: UdpChannel[] = []
  readonly #waiting = new Map<number, Datagram>()
  readonly #queued = new Set<Pending>()
  readonly #ids: RequestIds
  readonly #sweep: NodeJS.Timeout
  #next = 0
  #requests = 0
  #retries = 0
  #timeouts = 0
  #isClosed = false

  constructor(options: WireClientOptions) {
    this.#options = options
    // Answers to an earlier client on the same port must not look like answers to this one.
    this.#ids = new RequestIds(Math.floor(options.clock.nowNs()) % requestIdSpread)
    this.#sweep = setInterval(() => this.#lookAfterOverdue(), sweepMs)
    this.#sweep.unref()
  }

  send(request: Request, signal?: AbortSignal): Promise<readonly [Message, ...Message[]]> {
    this.#requests++
    return new Promise((resolve, reject) => {
      if (this.#isClosed || signal?.aborted === true) return reject(aborted())
      const startedMs = this.#options.clock.nowNs() / 1e6
      const pending = { request, signal, startedMs, messages: [], resolve, reject, retries: 0 }
      if (this.#hasRoom()) this.#begin(pending)
      else this.#queued.add(pending)
    })
  }

  statistics(): WireClientStatistics {
    return { requests: this.#requests, retries: this.#retries, timeouts: this.#timeouts }
  }

  close(): void {
    this.#isClosed = true
    clearInterval(this.#sweep)
    for (const pending of [...this.#queued, ...this.#waiting.values()]) pending.reject(aborted())
    this.#queued.clear()
    this.#waiting.clear()
    for (const channel of this.#channels) channel.close()
  }

  #hasRoom(): boolean {
    return this.#waiting.size < this.#options.connectionsMax * this.#options.inFlightMax
  }

  #begin(pending: Pending): void {
    const requestId = this.#ids.next()
    const bytes = encodeRequest(pending.request, { requestId })
    const againAtMs = this.#options.clock.nowNs() / 1e6 + resendMs
    const datagram = { ...pending, channel: this.#channel(), bytes, againAtMs }
    this.#waiting.set(requestId, datagram)
    datagram.channel.send(bytes)
  }

  /** All in turn. */
  #channel(): UdpChannel {
    const { host, port, connectionsMax } = this.#options
    const position = this.#next++ % connectionsMax
    this.#channels[position] ??= new UdpChannel(
      { host, port },
      {
        received: (whole, envelope) => this.#answered(readMessage(envelope, whole.subarray(envelopeBytes))),
        failed: (channel, error) => this.#failed(channel, error),
      },
    )
    return this.#channels[position]
  }

  #answered(message: Message): void {
    const { requestId } = message.envelope
    const datagram = this.#waiting.get(requestId)
    // A second answer to what was sent twice, or one that nobody waits for any more.
    if (datagram === undefined) return
    datagram.messages.push(message)
    if ((message.opFlags & opFlag.continuous) !== 0) return
    this.#waiting.delete(requestId)
    datagram.resolve(datagram.messages as [Message, ...Message[]])
    this.#beginQueued()
  }

  #beginQueued(): void {
    for (const pending of this.#queued) {
      if (!this.#hasRoom()) return
      this.#queued.delete(pending)
      this.#begin(pending)
    }
  }

  #failed(channel: UdpChannel, error: Error): void {
    for (const [requestId, datagram] of this.#waiting) {
      if (datagram.channel !== channel) continue
      this.#waiting.delete(requestId)
      datagram.reject(new WireClientError('UNREACHABLE', error.message, { cause: error }))
    }
    this.#beginQueued()
  }

  #lookAfterOverdue(): void {
    const nowMs = this.#options.clock.nowNs() / 1e6
    const at = { nowMs, timeoutMs: this.#options.timeoutMs }
    for (const { held, error } of overdue(this.#queued, at)) {
      this.#queued.delete(held)
      this.#giveUp(held, error)
    }
    for (const { held, error } of overdue(this.#waiting.values(), at)) {
      this.#waiting.delete(held.bytes.readInt32BE(requestIdStart))
      this.#giveUp(held, error)
    }
    for (const datagram of this.#waiting.values()) {
      if (nowMs < datagram.againAtMs || !isRepeatable(datagram.request)) continue
      datagram.retries++
      this.#retries++
      datagram.againAtMs = nowMs + resendMs * 2 ** datagram.retries
      datagram.messages.length = 0
      datagram.channel.send(datagram.bytes)
    }
    this.#beginQueued()
  }

  #giveUp(pending: Pending, error: WireClientError): void {
    if (error.code === 'TIMEOUT') this.#timeouts++
    pending.reject(error)
  }
}

// The reference client waits half a second; on one machine or in one data centre this is still far above a round trip.
const resendMs = 250
const sweepMs = 20
const requestIdStart = 8
const requestIdSpread = 0x4000_0000
