import type { Socket } from 'node:net'
import { EncodingError } from '../identifier/buffer-reader.ts'
import { secondsSince } from '../support/clock.ts'
import type { AnswerBatch } from './answer-batch.ts'
import { readEnvelope, readMessageLength, readOpCode, readResponseCode } from './codec/message.ts'
import { envelopeBytes } from './codec/protocol.ts'
import type { Answering, ConnectionLimits } from './tcp-listener.ts'

/** One TCP connection: reads whole messages, has them answered, and writes what one turn answers at once. */
export class WireConnection {
  readonly #socket: Socket
  readonly #answering: Answering & { readonly batch: AnswerBatch }
  readonly #limits: ConnectionLimits
  #rest: Buffer[] = []
  #restBytes = 0
  #wantedBytes = envelopeBytes
  #inFlight = 0
  #isBlocked = false
  #isFinishing = false
  /** When this turn's bytes came, and how many of its requests the lane answered. */
  #turnNs = 0
  #plain = 0

  constructor(
    socket: Socket,
    answering: Answering & { readonly batch: AnswerBatch },
    limits: ConnectionLimits,
  ) {
    this.#socket = socket
    this.#answering = answering
    this.#limits = limits
    socket.setTimeout(limits.idleMs, () => this.#idle())
    socket.on('data', (chunk: Buffer) => this.#read(chunk))
    socket.on('drain', () => this.#unblock())
    // A client that goes away in the middle is nobody's failure; `close` follows.
    socket.on('error', () => socket.destroy())
  }

  /** Reads no more and ends the connection once what was read is answered. */
  finish(): void {
    this.#isFinishing = true
    if (this.#inFlight === 0) this.#socket.destroySoon()
  }

  cut(): void {
    this.#socket.destroy()
  }

  /** Nothing came or went for so long: gone, unless it waits for an answer of ours. */
  #idle(): void {
    if (this.#inFlight === 0) this.#socket.destroy()
  }

  #read(chunk: Buffer): void {
    if (this.#isFinishing) return
    this.#restBytes += chunk.length
    this.#rest.push(chunk)
    // Joined once for each whole message, however small the pieces that it came in.
    if (this.#restBytes >= this.#wantedBytes && !this.#isBlocked) this.#serve()
  }

  #serve(): void {
    this.#turnNs = this.#answering.clock.nowNs()
    const bytes = this.#rest.length === 1 ? (this.#rest[0] as Buffer) : Buffer.concat(this.#rest)
    let offset = 0
    try {
      offset = this.#serveWhole(bytes)
    } catch (error) {
      if (!(error instanceof EncodingError)) throw error
      this.#answering.traffic.tcp.refused.malformed++
      this.#flush()
      this.#rest = []
      this.#restBytes = 0
      this.finish()
      return
    }
    this.#flush()
    this.#rest = offset === bytes.length ? [] : [bytes.subarray(offset)]
    this.#restBytes = bytes.length - offset
  }

  /** Answers every message that is there as a whole; returns where the first that is not begins. */
  #serveWhole(bytes: Buffer): number {
    const { lane, batch } = this.#answering
    let offset = 0
    this.#wantedBytes = envelopeBytes
    lane.beginTurn()
    while (bytes.length - offset >= envelopeBytes && !this.#isFinishing) {
      const end = offset + envelopeBytes + readMessageLength(bytes, offset, this.#limits.messageBytesMax)
      if (end > bytes.length) {
        this.#wantedBytes = end - offset
        break
      }
      if (batch.length >= turnBytesMax) this.#flush()
      if (this.#inFlight >= this.#limits.inFlightMax) this.#block()
      if (this.#isBlocked) break
      if (lane.answer(bytes, offset, end, batch)) this.#plain++
      else this.#answer(bytes, offset, end)
      offset = end
    }
    return offset
  }

  #answer(bytes: Buffer, start: number, end: number): void {
    const { answerer, batch, traffic, clock } = this.#answering
    const opCode = readOpCode(bytes, start)
    const cameNs = this.#turnNs
    const answer = answerer.answer(readEnvelope(bytes, start), bytes.subarray(start + envelopeBytes, end))
    if (!(answer instanceof Promise)) {
      traffic.tcp.count({ opCode, responseCode: readResponseCode(answer) }, secondsSince(clock, cameNs))
      batch.append(answer)
      return
    }
    this.#inFlight++
    void answer.then((ready) => {
      this.#inFlight--
      traffic.tcp.count({ opCode, responseCode: readResponseCode(ready) }, secondsSince(clock, cameNs))
      if (this.#socket.destroyed) return
      this.#send(ready)
      if (this.#isFinishing && this.#inFlight === 0) this.#socket.destroySoon()
      else this.#unblock()
    })
  }

  #flush(): void {
    const { batch, traffic, clock } = this.#answering
    if (batch.length === 0) return
    this.#send(batch.gathered)
    batch.reuse({ hasLeft: this.#socket.writableLength === 0 })
    if (this.#plain === 0) return
    traffic.tcp.countPlain(this.#plain, secondsSince(clock, this.#turnNs))
    this.#plain = 0
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
    if (!this.#isBlocked || this.#inFlight >= this.#limits.inFlightMax) return
    if (this.#socket.writableNeedDrain) return
    this.#isBlocked = false
    this.#socket.resume()
    if (this.#restBytes >= this.#wantedBytes) this.#serve()
  }
}

// What is answered before the client's reading is looked after again: a few requests may ask for megabytes each.
const turnBytesMax = 256 * 1024
