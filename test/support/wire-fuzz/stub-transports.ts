import type { RemoteInfo, Socket as UdpSocket } from 'node:dgram'
import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { AnswerBatch } from '../../../src/wire/answer-batch.ts'
import { WireConnection } from '../../../src/wire/connection.ts'
import type { Answering } from '../../../src/wire/tcp-listener.ts'
import { UdpListener } from '../../../src/wire/udp-listener.ts'

/** What a node wrote, until it is taken. */
type Written = { take(): Buffer }

/** The node's end of a TCP connection without the system below it: a million messages in seconds. */
export class StubConnection implements Written {
  readonly #socket = new StubSocket()

  constructor(answering: Answering) {
    const limits = { connectionsMax: 1, inFlightMax: 64, messageBytesMax: 262_144, idleMs: 0 }
    new WireConnection(this.#socket as unknown as Socket, { ...answering, batch: new AnswerBatch() }, limits)
  }

  get isEnded(): boolean {
    return this.#socket.destroyed
  }

  receive(bytes: Buffer): void {
    this.#socket.emit('data', bytes)
  }

  take(): Buffer {
    return this.#socket.take()
  }
}

/** The members of a socket that a connection of ours uses; it has always sent everything. */
class StubSocket extends EventEmitter {
  readonly writableLength = 0
  readonly writableNeedDrain = false
  destroyed = false
  #written: Buffer[] = []

  setTimeout(): this {
    return this
  }

  write(bytes: Buffer): boolean {
    this.#written.push(Buffer.from(bytes))
    return true
  }

  pause(): void {
    // It is read again when it resumes, and nothing here sends meanwhile.
  }

  resume(): void {
    // See pause.
  }

  destroy(): void {
    this.destroyed = true
  }

  destroySoon(): void {
    this.destroyed = true
  }

  take(): Buffer {
    const written = Buffer.concat(this.#written)
    this.#written = []
    return written
  }
}

/** The node's UDP socket without the system below it. */
export class StubDatagrams implements Written {
  #written: Buffer[] = []
  readonly #listener: UdpListener

  constructor(answering: Answering) {
    const socket = {
      send: (packet: Buffer): void => void this.#written.push(Buffer.from(packet)),
      getSendQueueCount: () => 0,
      once: () => socket,
    }
    this.#listener = new UdpListener(socket as unknown as UdpSocket, answering, { messageBytesMax: 262_144 })
  }

  receive(packet: Buffer, port: number): void {
    const from: RemoteInfo = { address: '127.0.0.1', family: 'IPv4', port, size: packet.length }
    this.#listener.receive(packet, from)
  }

  take(): Buffer {
    const written = Buffer.concat(this.#written)
    this.#written = []
    return written
  }
}
