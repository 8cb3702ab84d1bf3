import type { Node } from '../node.ts'
import type { ResolvedRecord } from '../resolved-record.ts'
import { nowSeconds } from '../support/clock.ts'
import type { AnswerBatch } from './answer-batch.ts'
import {
  answerLifeSeconds,
  envelopeBytes,
  envelopeFlag,
  headerBytes,
  messageBytesMax,
  operations,
  opFlag,
  protocolVersion,
  responseCode,
} from './codec/protocol.ts'

/**
 * Answers plain resolutions of cached records from the bytes that the cache holds, without reading the request into
 * objects; whatever is not plain is the answerer's. A cached record is its answer's body already, so that only the 44
 * bytes before it are written.
 */
export class WireHotLane {
  readonly #node: Pick<Node, 'resolver' | 'clock'>
  #nowSeconds = 0

  constructor(node: Pick<Node, 'resolver' | 'clock'>) {
    this.#node = node
  }

  /** To be called before the first `answer` of a turn: the clock is read once for all of them. */
  beginTurn(): void {
    this.#nowSeconds = nowSeconds(this.#node.clock)
  }

  /** Answers the message that takes `start` to `end`; false where the answerer must. */
  answer(bytes: Buffer, start: number, end: number, batch: AnswerBatch): boolean {
    const text = plainQuestion(bytes, start, end)
    if (text === undefined) return false
    const expirationSeconds = bytes.readUInt32BE(start + at.expiration)
    if (expirationSeconds !== 0 && expirationSeconds < this.#nowSeconds) return false
    const encoded = this.#node.resolver.cached(text, isWhollyPublic)?.encoded
    // Nobody may be sent a message that long; the answerer says so.
    if (encoded === undefined || encoded.length > bodyBytesMax) return false
    this.#write(bytes, start, encoded, batch)
    return true
  }

  #write(request: Buffer, start: number, body: Uint8Array, batch: AnswerBatch): void {
    const messageLength = headerBytes + body.length + credentialBytes
    const { target, start: to } = batch.reserve(envelopeBytes + messageLength)
    target[to] = protocolVersion.major
    target[to + 1] = request[start + 1] as number
    target[to + 2] = protocolVersion.major
    target[to + 3] = protocolVersion.minor
    // Session and request id, as they were asked.
    target.writeInt32BE(request.readInt32BE(start + at.sessionId), to + at.sessionId)
    target.writeInt32BE(request.readInt32BE(start + at.requestId), to + at.requestId)
    target.writeInt32BE(0, to + at.sequence)
    target.writeInt32BE(messageLength, to + at.messageLength)
    target.writeInt32BE(operations.resolve, to + at.opCode)
    target.writeInt32BE(responseCode.success, to + at.responseCode)
    target.writeInt32BE(request.readInt32BE(start + at.opFlags), to + at.opFlags)
    target.writeInt16BE(-1, to + at.siteSerial)
    target[to + at.recursionCount] = request[start + at.recursionCount] as number
    target[to + at.recursionCount + 1] = 0
    target.writeUInt32BE(this.#nowSeconds + answerLifeSeconds, to + at.expiration)
    target.writeInt32BE(body.length, to + at.bodyLength)
    target.set(body, to + at.body)
    target.writeInt32BE(0, to + at.body + body.length)
  }
}

/** Where the fields of a message stand (RFC 3652 sections 2.1 and 2.2). */
const at = {
  sessionId: 4,
  requestId: 8,
  sequence: 12,
  messageLength: 16,
  opCode: 20,
  responseCode: 24,
  opFlags: 28,
  siteSerial: 32,
  recursionCount: 34,
  expiration: 36,
  bodyLength: 40,
  body: 44,
} as const
const credentialBytes = 4
const bodyBytesMax = messageBytesMax - headerBytes - credentialBytes
// After the handle: no indexes, no types.
const emptyListsBytes = 8
const specialEnvelopeFlags = envelopeFlag.compressed | envelopeFlag.encrypted | envelopeFlag.truncated
const specialOpFlags =
  opFlag.authoritative | opFlag.certified | opFlag.encrypted | opFlag.continuous | opFlag.requestDigest

/** The handle of a request for everything that a record has; undefined for any other message. */
function plainQuestion(bytes: Buffer, start: number, end: number): string | undefined {
  if (bytes[start] !== protocolVersion.major) return undefined
  const minor = bytes[start + 1] as number
  if (minor < 1 || minor > protocolVersion.minor) return undefined
  if (((bytes[start + 2] as number) & specialEnvelopeFlags) !== 0) return undefined
  if (bytes.readInt32BE(start + at.opCode) !== operations.resolve) return undefined
  if ((bytes.readInt32BE(start + at.opFlags) & specialOpFlags) !== 0) return undefined
  const bodyLength = bytes.readInt32BE(start + at.bodyLength)
  const bodyEnd = start + at.body + bodyLength
  if (bodyLength < 4 + emptyListsBytes || bodyEnd > end) return undefined
  const hasCredential = bodyEnd + credentialBytes === end
  if (hasCredential ? bytes.readInt32BE(bodyEnd) !== 0 : bodyEnd !== end) return undefined
  const handleBytes = bytes.readInt32BE(start + at.body)
  if (handleBytes !== bodyLength - 4 - emptyListsBytes) return undefined
  const handleStart = start + at.body + 4
  const handleEnd = handleStart + handleBytes
  if (bytes.readInt32BE(handleEnd) !== 0 || bytes.readInt32BE(handleEnd + 4) !== 0) return undefined
  const text = bytes.toString('utf8', handleStart, handleEnd)
  // What is no UTF-8 must not pass for a handle with the character that stands in for it.
  return text.includes(replacementCharacter) ? undefined : text
}

const replacementCharacter = '\ufffd'

function isWhollyPublic(resolved: ResolvedRecord): boolean {
  return resolved.isWhollyPublic
}
