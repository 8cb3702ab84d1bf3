import { createServer, type Server, type Socket } from 'node:net'
import { EncodingError } from '../identifier/buffer-reader.ts'
import type { Answerer } from './answerer.ts'
import { readEnvelope } from './codec/message.ts'
import { envelopeBytes } from './codec/protocol.ts'

/** What one connection may take. */
export type ConnectionLimits = {
  readonly connectionsMax: number
  /** Requests of one connection that wait for answers; beyond them it is not read. */
  readonly inFlightMax: number
  readonly idleMs: number
}

/** A TCP listener, bound by its caller. */
export type TcpListener = {
  readonly server: Server
  /** Lets connections answer what they read, then closes them; cuts them after `cutAfterMs`. */
  close(cutAfterMs: number): Promise<void>
}

/** Requests of a connection may follow each other without waiting; answers come as they are ready, by request id. */
export function createTcpListener(answerer: Answerer, limits: ConnectionLimits): TcpListener {
  const connections = new Set<Connection>()
  const server = createServer({ noDelay: true }, (socket) => {
    const connection = new Connection(socket, answerer, limits)
    connections.add(connection)
    socket.once('close', () => connections.delete(connection))
  })
  server.maxConnections = limits.connectionsMax
  return {
    server,
    close: async (cutAfterMs) => {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const connection of connections) connection.finish()
      const cut = setTimeout(() => {
        for (const connection of connections) connection.cut()
      }, cutAfterMs)
      await closed
      clearTimeout(cut)
    },
  }
}

class Connection {
  readonly #socket: Socket
  readonly #answerer: Answerer
  readonly #inFlightMax: number
  #rest: Buffer[] = []
  #restBytes = 0
  #wantedBytes = envelopeBytes
  #inFlight = 0
  #isBlocked = false
  #isFinishing = false

  constructor(socket: Socket, answerer: Answerer, { idleMs, inFlightMax }: ConnectionLimits) {
    this.#socket = socket
    this.#answerer = answerer
    this.#inFlightMax = inFlightMax
    socket.setTimeout(idleMs, () => socket.destroy())
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.#unblock())
    // A client that goes away in the middle is nobody's failure; `close` follows.
    socket.on('error', () => socket.destroy())
  }

  finish(): void {
    this.#isFinishing = true
    if (this.#inFlight === 0) this.#socket.destroySoon()
  }

  cut(): void {
    this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    this.#rest.push(chunk)
    this.#restBytes += chunk.length
    // Joined once for each whole message, however small the pieces that it came in.
    if (this.#restBytes >= this.#wantedBytes) this.#serve()
  }

  #serve(): void {
    const bytes = this.#rest.length === 1 ? (this.#rest[0] as Buffer) : Buffer.concat(this.#rest)
    const ready: Buffer[] = []
    let offset = 0
    try {
      offset = this.#serveWhole(bytes, ready)
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error
      if (ready.length > 0) this.#socket.write(Buffer.concat(ready))
      this.#socket.destroySoon()
      this.#rest = []
      return
    }
    if (ready.length > 0) this.#send(ready.length === 1 ? (ready[0] as Buffer) : Buffer.concat(ready))
    const rest = bytes.subarray(offset)
    this.#rest = rest.length === 0 ? [] : [rest]
    this.#restBytes = rest.length
  }

  /** Answers every message that is there as a whole; returns where the first that is not begins. */
  #serveWhole(bytes: Buffer, ready: Buffer[]): number {
    let offset = 0
    this.#wantedBytes = envelopeBytes
    while (bytes.length - offset >= envelopeBytes && !this.#isFinishing) {
      if (this.#inFlight >= this.#inFlightMax) {
        this.#block()
        break
      }
      const envelope = readEnvelope(bytes, offset)
      const end = offset + envelopeBytes + envelope.messageLength
      if (end > bytes.length) {
        this.#wantedBytes = end - offset
        break
      }
      const answer = this.#answerer.answer(envelope, bytes.subarray(offset + envelopeBytes, end))
      offset = end
      if (answer instanceof Promise) this.#await(answer)
      else ready.push(answer)
    }
    return offset
  }

  #await(answer: Promise<Buffer>): void {
    this.#inFlight++
    void answer.then((bytes) => {
      this.#inFlight--
      if (this.#socket.destroyed) return
      this.#send(bytes)
      if (this.#isFinishing && this.#inFlight === 0) this.#socket.destroySoon()
      else this.#unblock()
    })
  }

  #send(bytes: Buffer): void {
    // A client that does not read its answers is not read either.
    if (!this.#socket.write(bytes)) this.#block()
  }

  #block(): void {
    this.#isBlocked = true
    this.#socket.pause()
  }

  #unblock(): void {
    if (!this.#isBlocked || this.#inFlight >= this.#inFlightMax || this.#socket.writableNeedDrain) return
    this.#isBlocked = false
    this.#socket.resume()
    if (this.#restBytes >= this.#wantedBytes) this.#serve()
  }
}
