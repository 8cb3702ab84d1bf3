import { readEnvelope, writeEnvelope } from './message.ts'
import { envelopeBytes, envelopeFlag, packetBytesMax } from './protocol.ts'

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
