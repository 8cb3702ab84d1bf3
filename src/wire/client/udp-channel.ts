import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { EncodingError } from '../../identifier/buffer-reader.ts'
import { growReceiveBuffer } from '../../support/receive-buffer.ts'
import { type Envelope, readEnvelope } from '../codec/message.ts'
import { packetsOf } from '../codec/packets.ts'
import { Reassembly } from '../codec/reassembly.ts'

type Events = {
  /** A whole message with its envelope; throws EncodingError for what it cannot read. */
  received(whole: Buffer, envelope: Envelope): void
  failed(channel: UdpChannel, error: Error): void
}

/** A UDP socket connected to one server, so that it hears nobody else and learns when nobody listens. */
export class UdpChannel {
  readonly #socket: Socket
  readonly #reassembly = new Reassembly()
  readonly #events: Events
  #unsent: Buffer[] | undefined = []

  constructor(at: { readonly host: string; readonly port: number }, events: Events) {
    this.#events = events
    this.#socket = createSocket(isIPv6(at.host) ? 'udp6' : 'udp4')
    this.#socket.on('message', (packet) => this.#receive(packet))
    this.#socket.on('error', (error) => this.#events.failed(this, error))
    this.#socket.connect(at.port, at.host, () => {
      // A burst of answers waits in the kernel while this thread is busy.
      growReceiveBuffer(this.#socket)
      const unsent = this.#unsent ?? []
      this.#unsent = undefined
      for (const message of unsent) this.send(message)
    })
  }

  send(message: Buffer): void {
    if (this.#unsent !== undefined) {
      this.#unsent.push(message)
      return
    }
    for (const packet of packetsOf(message)) this.#socket.send(packet)
  }

  close(): void {
    this.#socket.close()
  }

  #receive(packet: Buffer): void {
    try {
      const whole = this.#reassembly.add(packet, '')
      if (whole !== undefined) this.#events.received(whole, readEnvelope(whole))
    } catch (error) {
      // Not the protocol; the request is sent again.
      if (!(error instanceof EncodingError)) throw error
    }
  }
}
