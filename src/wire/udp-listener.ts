import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { EncodingError } from '../identifier/buffer-reader.ts'
import type { Answerer } from './answerer.ts'
import { readEnvelope, writeEnvelope } from './message.ts'
import { envelopeBytes, envelopeFlag, packetBytesMax } from './protocol.ts'
import { Reassembly } from './reassembly.ts'

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

/** One message as packets: alone where it fits, else in order, each with the envelope and its number. */
export function packetsOf(message: Buffer): Buffer[] {
  if (message.length <= packetBytesMax) return [message]
  const envelope = readEnvelope(message)
  const packets: Buffer[] = []
  const step = packetBytesMax - envelopeBytes
  for (let offset = envelopeBytes; offset < message.length; offset += step) {
    const part = message.subarray(offset, offset + step)
    const packet = Buffer.allocUnsafe(envelopeBytes + part.length)
    writeEnvelope(packet, { ...envelope, flags: envelopeFlag.truncated, sequence: packets.length })
    packet.set(part, envelopeBytes)
    packets.push(packet)
  }
  return packets
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
