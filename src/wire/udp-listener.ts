import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { EncodingError } from '../identifier/buffer-reader.ts'
import type { Answerer } from './answerer.ts'
import { readEnvelope } from './codec/message.ts'
import { packetsOf } from './codec/packets.ts'
import { envelopeBytes } from './codec/protocol.ts'
import { Reassembly } from './codec/reassembly.ts'

/** A UDP socket that answers, bound by its caller. */
export function createUdpListener(
  answerer: Answerer,
  options: { readonly type: 'udp4' | 'udp6'; readonly reusePort: boolean },
): Socket {
  const socket = createSocket({ ...options, ipv6Only: options.type === 'udp6' })
  const reassembly = new Reassembly()
  socket.on('message', (packet, from) => {
    try {
      const whole = reassembly.add(packet, `${from.address} ${from.port}`)
      if (whole === undefined) return
      const answer = answerer.answer(readEnvelope(whole), whole.subarray(envelopeBytes))
      if (answer instanceof Promise) void answer.then((bytes) => send(socket, bytes, from))
      else send(socket, answer, from)
    } catch (error) {
      // Whoever sent this speaks another protocol: an answer would only go to an address that may be forged.
      if (!(error instanceof EncodingError)) throw error
    }
  })
  return socket
}

function send(socket: Socket, messages: Buffer, to: RemoteInfo): void {
  let offset = 0
  while (offset < messages.length) {
    const end = offset + envelopeBytes + readEnvelope(messages, offset).messageLength
    for (const packet of packetsOf(messages.subarray(offset, end))) {
      // Lost packets are the client's to ask for again; so are those of a socket that is closing.
      socket.send(packet, to.port, to.address, () => undefined)
    }
    offset = end
  }
}
