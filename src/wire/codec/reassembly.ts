import { EncodingError } from '../../identifier/buffer-reader.ts'
import { readEnvelope } from './message.ts'
import { envelopeBytes, envelopeFlag, packetBytesMax } from './protocol.ts'

/** Puts messages together that came in several packets; bounded, the oldest unfinished ones are forgotten. */
export class Reassembly {
  readonly #messageBytesMax: number
  readonly #parts = new Map<string, { readonly whole: Buffer; readonly missing: Set<number> }>()

  constructor(messageBytesMax = fragmentedBytesMax) {
    this.#messageBytesMax = Math.min(messageBytesMax, fragmentedBytesMax)
  }

  /** The whole message with its envelope, once its last packet is there. @throws EncodingError */
  add(packet: Buffer, from: string): Buffer | undefined {
    const envelope = readEnvelope(packet)
    const content = packet.subarray(envelopeBytes)
    if ((envelope.flags & envelopeFlag.truncated) === 0) {
      if (content.length < envelope.messageLength) throw new EncodingError('the packet is cut off')
      return packet.subarray(0, envelopeBytes + envelope.messageLength)
    }
    if (envelope.messageLength > this.#messageBytesMax) throw new EncodingError('too long for UDP')
    const count = Math.ceil(envelope.messageLength / partBytes)
    const start = envelope.sequence * partBytes
    const length = Math.min(partBytes, envelope.messageLength - start)
    if (envelope.sequence < 0 || envelope.sequence >= count || content.length !== length) {
      throw new EncodingError('the packet is no part of its message')
    }
    const key = `${from} ${envelope.sessionId} ${envelope.requestId} ${envelope.messageLength}`
    const message = this.#parts.get(key) ?? this.#begin(key, packet, { envelope, count })
    message.whole.set(content, envelopeBytes + start)
    message.missing.delete(envelope.sequence)
    if (message.missing.size > 0) return undefined
    this.#parts.delete(key)
    return message.whole
  }

  #begin(
    key: string,
    packet: Buffer,
    { envelope, count }: { envelope: { messageLength: number; flags: number }; count: number },
  ) {
    const [oldest] = this.#parts.keys()
    if (this.#parts.size >= unfinishedMax && oldest !== undefined) this.#parts.delete(oldest)
    const whole = Buffer.alloc(envelopeBytes + envelope.messageLength)
    packet.copy(whole, 0, 0, envelopeBytes)
    whole.writeUInt8(envelope.flags & ~envelopeFlag.truncated, 2)
    const message = { whole, missing: new Set(Array.from({ length: count }, (_, position) => position)) }
    this.#parts.set(key, message)
    return message
  }
}

const partBytes = packetBytesMax - envelopeBytes
// Larger requests have TCP; 256 of these are 16 MiB.
export const fragmentedBytesMax = 65_536
const unfinishedMax = 256
