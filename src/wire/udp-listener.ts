import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { EncodingError } from '../identifier/buffer-reader.ts'
import { secondsSince } from '../support/clock.ts'
import { growReceiveBuffer } from '../support/receive-buffer.ts'
import { AnswerBatch } from './answer-batch.ts'
import { sized } from './codec/bodies.ts'
import {
  encodeAnswer,
  readEnvelope,
  readMessage,
  readMessageLength,
  readOpCode,
  readResponseCode,
} from './codec/message.ts'
import { packetsOf } from './codec/packets.ts'
import { envelopeBytes, packetBytesMax, responseCode } from './codec/protocol.ts'
import { fragmentedBytesMax, Reassembly } from './codec/reassembly.ts'
import type { Answering } from './tcp-listener.ts'

/** What a UDP socket may take. */
export type DatagramLimits = {
  /** The longest message that is put together, its envelope apart. */
  readonly messageBytesMax: number
}

/** A UDP socket that answers, bound by its caller. */
export function createUdpListener(
  answering: Answering,
  options: DatagramLimits & { readonly type: 'udp4' | 'udp6'; readonly reusePort: boolean },
): Socket {
  const { type, reusePort } = options
  const socket = createSocket({
    type,
    reusePort,
    ipv6Only: type === 'udp6',
    // Answers go to addresses, never to names; the default asks for each whether it is one.
    lookup: (address, _options, found) => found(null, address, type === 'udp6' ? 6 : 4),
  })
  // A burst waits in the kernel while this thread is busy.
  socket.once('listening', () => growReceiveBuffer(socket))
  const listener = new UdpListener(socket, answering, options)
  socket.on('message', (packet, from) => listener.receive(packet, from))
  return socket
}

/** What receives packets and sends answers, apart from how the socket came about. */
export class UdpListener {
  readonly #socket: Socket
  readonly #answering: Answering
  readonly #reassembly: Reassembly
  readonly #batch = new AnswerBatch()
  readonly #messageBytesMax: number
  #inFlight = 0
  #isClosed = false

  constructor(socket: Socket, answering: Answering, { messageBytesMax }: DatagramLimits) {
    this.#socket = socket
    this.#answering = answering
    this.#messageBytesMax = messageBytesMax
    this.#reassembly = new Reassembly(messageBytesMax)
    socket.once('close', () => {
      this.#isClosed = true
    })
  }

  receive(packet: Buffer, from: RemoteInfo): void {
    // More than this machine can send or think about: dropped, as the network drops what it cannot carry.
    if (this.#socket.getSendQueueCount() > queuedMax || this.#inFlight > inFlightMax) {
      this.#answering.traffic.udp.refused.overload++
      return
    }
    try {
      if (!this.#answerPlain(packet, from)) this.#answer(packet, from)
    } catch (error) {
      // Whoever sent this speaks another protocol: an answer would only go to an address that may be forged.
      if (!(error instanceof EncodingError)) throw error
      this.#answering.traffic.udp.refused.malformed++
    }
  }

  #answerPlain(packet: Buffer, from: RemoteInfo): boolean {
    const { lane, traffic, clock } = this.#answering
    if (packet.length < envelopeBytes) return false
    if (envelopeBytes + readMessageLength(packet, 0, this.#messageBytesMax) !== packet.length) return false
    const cameNs = clock.nowNs()
    lane.beginTurn()
    if (!lane.answer(packet, 0, packet.length, this.#batch)) return false
    const answer = this.#batch.gathered
    if (answer.length <= packetBytesMax) this.#socket.send(answer, from.port, from.address)
    else this.#send(answer, from)
    this.#batch.reuse({ hasLeft: answer.length > packetBytesMax || this.#socket.getSendQueueCount() === 0 })
    traffic.udp.countPlain(1, secondsSince(clock, cameNs))
    return true
  }

  #answer(packet: Buffer, from: RemoteInfo): void {
    const whole = this.#reassembly.add(packet, `${from.address} ${from.port}`)
    if (whole === undefined) return
    const { answerer, traffic, clock } = this.#answering
    const cameNs = clock.nowNs()
    const answer = answerer.answer(readEnvelope(whole), whole.subarray(envelopeBytes))
    const opCode = readOpCode(whole)
    if (!(answer instanceof Promise)) {
      traffic.udp.count({ opCode, responseCode: readResponseCode(answer) }, secondsSince(clock, cameNs))
      this.#send(answer, from)
      return
    }
    this.#inFlight++
    void answer.then((bytes) => {
      this.#inFlight--
      traffic.udp.count({ opCode, responseCode: readResponseCode(bytes) }, secondsSince(clock, cameNs))
      this.#send(bytes, from)
    })
  }

  #send(messages: Buffer, to: RemoteInfo): void {
    let offset = 0
    while (offset < messages.length && !this.#isClosed) {
      const end = offset + envelopeBytes + readEnvelope(messages, offset).messageLength
      for (const packet of packetsOf(sendable(messages.subarray(offset, end)))) {
        // Lost packets are the client's to ask for again; so are those of a socket that is closing.
        this.#socket.send(packet, to.port, to.address, () => undefined)
      }
      offset = end
    }
  }
}

/** A forged sender's address gets what is sent to it: long answers are for TCP, where senders are who they say. */
function sendable(message: Buffer): Buffer {
  if (message.length - envelopeBytes <= fragmentedBytesMax) return message
  const request = readMessage(readEnvelope(message), message.subarray(envelopeBytes))
  const body = sized(
    `the answer has ${message.length} bytes; expected at most ${fragmentedBytesMax} over UDP: ask over TCP`,
  )
  return encodeAnswer(request, { responseCode: responseCode.error, body }, request.expirationSeconds)
}

const queuedMax = 10_000
const inFlightMax = 10_000
