import { envelopeBytes, headerBytes, protocolVersion } from './protocol.ts'

/** What is asked of a server, before it is a message. */
export type Request = {
  /** One of `operations`. */
  readonly opCode: number
  /** Bits of `opFlag`. */
  readonly opFlags: number
  readonly body: Uint8Array
  /** Unix seconds after which nobody needs the answer. */
  readonly expirationSeconds: number
  /** How many servers have passed the request on. */
  readonly recursionCount?: number
  /** Of a challenge that this answers. */
  readonly sessionId?: number
}

/** The version in which a server of unknown age is addressed; ours stands beside it as a suggestion. */
export const firstContactMinor = 3

/** The whole message, envelope first (RFC 3652 sections 2.1 and 2.2). */
export function encodeRequest(request: Request, facts: { requestId: number; minor?: number }): Buffer {
  const bodyBytes = request.body.length
  const messageLength = headerBytes + bodyBytes + credentialBytes
  const target = Buffer.allocUnsafe(envelopeBytes + messageLength)
  target[0] = protocolVersion.major
  target[1] = facts.minor ?? firstContactMinor
  target[2] = protocolVersion.major
  target[3] = protocolVersion.minor
  target.writeInt32BE(request.sessionId ?? 0, 4)
  target.writeInt32BE(facts.requestId, 8)
  target.writeInt32BE(0, 12)
  target.writeInt32BE(messageLength, 16)
  target.writeInt32BE(request.opCode, 20)
  target.writeInt32BE(0, 24)
  // Flags joined with `|` are negative where the highest is among them.
  target.writeUInt32BE(request.opFlags >>> 0, 28)
  target.writeInt16BE(siteSerialUnknown, 32)
  target[34] = request.recursionCount ?? 0
  target[35] = 0
  target.writeUInt32BE(request.expirationSeconds, 36)
  target.writeInt32BE(bodyBytes, 40)
  target.set(request.body, envelopeBytes + headerBytes)
  target.writeInt32BE(0, target.length - credentialBytes)
  return target
}

const siteSerialUnknown = -1
const credentialBytes = 4
