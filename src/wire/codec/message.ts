import { BufferReader, EncodingError } from '../../identifier/buffer-reader.ts'
import { encodeDigest } from './digest.ts'
import {
  envelopeBytes,
  envelopeFlag,
  hasFlag,
  headerBytes,
  messageBytesMax,
  opFlag,
  protocolVersion,
} from './protocol.ts'

/** What goes before each message, and before each packet of one (RFC 3652 section 2.1). */
export type Envelope = {
  readonly major: number
  readonly minor: number
  readonly flags: number
  readonly sessionId: number
  readonly requestId: number
  readonly sequence: number
  /** Bytes of the message that follows; of the whole message where this is one packet of it. */
  readonly messageLength: number
}

/** One message with its header read and its body still as bytes. */
export type Message = {
  readonly envelope: Envelope
  readonly opCode: number
  readonly responseCode: number
  readonly opFlags: number
  readonly siteSerial: number
  readonly recursionCount: number
  readonly expirationSeconds: number
  readonly body: Buffer
  /** Header and body: what a request digest is made of. */
  readonly digested: Buffer
}

/** What is said in answer to a request, before it is a message. */
export type Answer = {
  readonly responseCode: number
  readonly body: Uint8Array
  /** More messages of this answer follow. */
  readonly continues?: boolean
  /** Where a challenge begins a session. */
  readonly sessionId?: number
}

/** @throws EncodingError for fewer bytes than an envelope has, or a length beyond the protocol's. */
export function readEnvelope(bytes: Buffer, start = 0): Envelope {
  if (bytes.length - start < envelopeBytes) throw new EncodingError('the envelope is cut off')
  const messageLength = readMessageLength(bytes, start, messageBytesMax)
  return {
    major: bytes.readUInt8(start),
    minor: bytes.readUInt8(start + 1),
    flags: bytes.readUInt8(start + 2),
    sessionId: bytes.readInt32BE(start + 4),
    requestId: bytes.readInt32BE(start + 8),
    sequence: bytes.readInt32BE(start + 12),
    messageLength,
  }
}

/** The bytes that follow the envelope at `start`. @throws EncodingError unless a message may have so many. */
export function readMessageLength(bytes: Buffer, start: number, bytesMax: number): number {
  const messageLength = bytes.readInt32BE(start + 16)
  if (messageLength >= headerBytes && messageLength <= bytesMax) return messageLength
  throw new EncodingError(`message length is ${messageLength}; expected ${headerBytes} to ${bytesMax}`)
}

/** @throws EncodingError unless `content`, all that followed the envelope, is a header with its body. */
export function readMessage(envelope: Envelope, content: Buffer): Message {
  if (content.length < headerBytes) throw new EncodingError('the header is cut off')
  if ((envelope.flags & (envelopeFlag.compressed | envelopeFlag.encrypted)) !== 0) {
    throw new EncodingError('the message is compressed or encrypted; expected a plain one')
  }
  const bodyLength = content.readInt32BE(20)
  if (bodyLength < 0 || bodyLength > content.length - headerBytes) {
    throw new EncodingError(`body length is ${bodyLength}; ${content.length - headerBytes} bytes are left`)
  }
  const digested = content.subarray(0, headerBytes + bodyLength)
  assertCredential(content.subarray(digested.length))
  return {
    envelope,
    opCode: content.readInt32BE(0),
    responseCode: content.readInt32BE(4),
    opFlags: content.readUInt32BE(8),
    siteSerial: content.readInt16BE(12),
    recursionCount: content.readUInt8(14),
    expirationSeconds: content.readUInt32BE(16),
    body: content.subarray(headerBytes, digested.length),
    digested,
  }
}

/** The operation of a whole message whose envelope is at `start`. */
export function readOpCode(bytes: Buffer, start = 0): number {
  return bytes.readInt32BE(start + envelopeBytes)
}

/** The response code of a whole message. */
export function readResponseCode(bytes: Buffer): number {
  return bytes.readInt32BE(envelopeBytes + 4)
}

/** The whole message that answers a request, envelope first, in one allocation. */
export function encodeAnswer(request: Message, answer: Answer, expirationSeconds: number): Buffer {
  const needsDigest = answer.sessionId !== undefined || hasFlag(request, opFlag.requestDigest)
  const digest = needsDigest ? encodeDigest(request) : undefined
  const digestBytes = digest?.length ?? 0
  const bodyBytes = digestBytes + answer.body.length
  const target = Buffer.allocUnsafe(envelopeBytes + headerBytes + bodyBytes + credentialBytes)
  writeEnvelope(target, {
    ...spokenWith(request.envelope),
    sessionId: answer.sessionId ?? request.envelope.sessionId,
    requestId: request.envelope.requestId,
    messageLength: target.length - envelopeBytes,
  })
  target.writeInt32BE(request.opCode, 20)
  target.writeInt32BE(answer.responseCode, 24)
  target.writeUInt32BE(flagsOf(request, { needsDigest, continues: answer.continues === true }), 28)
  target.writeInt16BE(-1, 32)
  target.writeUInt8(request.recursionCount, 34)
  target.writeUInt8(0, 35)
  target.writeUInt32BE(expirationSeconds, 36)
  target.writeInt32BE(bodyBytes, 40)
  if (digest !== undefined) target.set(digest, envelopeBytes + headerBytes)
  target.set(answer.body, envelopeBytes + headerBytes + digestBytes)
  target.writeInt32BE(0, target.length - credentialBytes)
  return target
}

/** Writes an envelope at the start of `target`. */
export function writeEnvelope(
  target: Buffer,
  envelope: Pick<Envelope, 'major' | 'minor' | 'sessionId' | 'requestId' | 'messageLength'> &
    Partial<Pick<Envelope, 'flags' | 'sequence'>>,
): void {
  target.writeUInt8(envelope.major, 0)
  target.writeUInt8(envelope.minor, 1)
  target.writeUInt8((envelope.flags ?? 0) | protocolVersion.major, 2)
  target.writeUInt8(protocolVersion.minor, 3)
  target.writeInt32BE(envelope.sessionId, 4)
  target.writeInt32BE(envelope.requestId, 8)
  target.writeInt32BE(envelope.sequence ?? 0, 12)
  target.writeInt32BE(envelope.messageLength, 16)
}

/** The version that both sides speak: the client's, or ours where that is older or the client's of another major. */
export function spokenWith({ major, minor }: Pick<Envelope, 'major' | 'minor'>): {
  major: number
  minor: number
} {
  const isKnown = major === protocolVersion.major && minor <= protocolVersion.minor
  return isKnown ? { major, minor } : { ...protocolVersion }
}

const credentialBytes = 4

function flagsOf(request: Message, answer: { needsDigest: boolean; continues: boolean }): number {
  // No answer of ours is signed or encrypted: a client must not look for a signature that is not there.
  const without =
    request.opFlags & ~(opFlag.requestDigest | opFlag.continuous | opFlag.certified | opFlag.encrypted)
  const flags =
    without | (answer.needsDigest ? opFlag.requestDigest : 0) | (answer.continues ? opFlag.continuous : 0)
  return flags >>> 0
}

function assertCredential(bytes: Buffer): void {
  if (bytes.length === 0) return
  const reader = new BufferReader(bytes)
  reader.bytes('credential', messageBytesMax)
  reader.end('message')
}
