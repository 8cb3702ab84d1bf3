import type { Identity } from '../authenticator.ts'
import { type ErrorCode, HandleError } from '../errors.ts'
import { EncodingError } from '../identifier/buffer-reader.ts'
import { foldAscii, parseHandle } from '../identifier/handle.ts'
import { encodeSiteData, type SiteData } from '../identifier/site-data.ts'
import { structuredTypes } from '../identifier/value.ts'
import type { Node } from '../node.ts'
import { recordOf } from '../resolved-record.ts'
import { nowSeconds } from '../support/clock.ts'
import type { MaybePromise } from '../support/maybe-promise.ts'
import {
  addValues,
  createHandle,
  deleteHandle,
  homePrefix,
  modifyValues,
  removeValues,
  unhomePrefix,
} from './administration.ts'
import { type Challenge, Challenges, workerOfSession } from './challenges.ts'
import { type ChallengeAnswerBody, readChallengeAnswerBody, sized } from './codec/bodies.ts'
import { encodeDigest } from './codec/digest.ts'
import { type Answer, type Envelope, encodeAnswer, type Message, readMessage } from './codec/message.ts'
import {
  answerLifeSeconds,
  envelopeBytes,
  hasFlag,
  messageBytesMax,
  operations,
  opFlag,
  protocolVersion,
  responseCode,
} from './codec/protocol.ts'
import { listDerivedPrefixes, listHandles } from './listings.ts'
import { provesKey, provesSecret } from './proof.ts'
import type { Asked } from './request-context.ts'
import { answerResolution } from './resolution.ts'

/** Passes a message to the thread that challenged its sender; undefined where no thread answers. */
export type Forward = (worker: number, message: Uint8Array) => Promise<Buffer | undefined>

type Parts = {
  readonly node: Node
  readonly site: SiteData
  readonly forward: Forward
  /** Told of what should not happen, after which the client gets an internal error. */
  readonly onFailure: (error: unknown) => void
}

/** Turns requests into answers, whatever carried them. */
export class Answerer {
  readonly #parts: Parts
  readonly #challenges: Challenges

  constructor(parts: Parts) {
    this.#parts = parts
    this.#challenges = new Challenges(parts.node.clock, parts.node.siblings.worker)
  }

  /**
   * The messages that answer one, as bytes, at once where the record is cached.
   * @throws EncodingError when the bytes are no message, so that there is nothing to answer to.
   */
  answer(envelope: Envelope, content: Buffer): MaybePromise<Buffer> {
    const request = readMessage(envelope, content)
    const { node } = this.#parts
    try {
      this.#assertAcceptable(request)
      const asked = { node, request, identity: undefined, site: this.#parts.site }
      const found = request.opCode === operations.resolve ? answerResolution(asked) : this.#operate(asked)
      if (!(found instanceof Promise)) return this.#encoded(request, found)
      return found.then(
        (answer) => this.#encoded(request, answer),
        (error: unknown) => this.#refused(request, error),
      )
    } catch (error) {
      return this.#refused(request, error)
    }
  }

  #assertAcceptable(request: Message): void {
    const { major, minor } = request.envelope
    if (major !== protocolVersion.major || minor < 1) {
      throw new HandleError('MALFORMED_REQUEST', `version ${major}.${minor} is not spoken here; expected 2.x`)
    }
    const expired =
      request.expirationSeconds !== 0 && request.expirationSeconds < nowSeconds(this.#parts.node.clock)
    if (expired) throw new HandleError('MALFORMED_REQUEST', 'the request has expired')
    // Both need a key of the server that clients know beforehand. Said aloud: an answer without what was asked for would
    // pass for one that has it.
    if (hasFlag(request, opFlag.certified)) {
      throw new HandleError('NOT_SUPPORTED', 'certified answers are not given here: this server has no key')
    }
    if (hasFlag(request, opFlag.encrypted)) {
      throw new HandleError('NOT_SUPPORTED', 'encrypted answers are not given here: this server has no key')
    }
  }

  async #operate(asked: Asked): Promise<Answer | readonly Answer[] | Buffer> {
    if (asked.request.opCode === operations.answerChallenge) return this.#resume(asked.request)
    const { opCode } = asked.request
    const perform = performers.get(opCode)
    if (perform !== undefined) return perform(asked)
    const isSession = sessionOperations.has(opCode)
    throw new HandleError(
      'NOT_SUPPORTED',
      isSession
        ? 'sessions are not kept here: each request that needs it is challenged'
        : `operation ${opCode} is not supported`,
    )
  }

  /** Goes on with the request that was challenged, if the answer proves who sent it. */
  async #resume(answering: Message): Promise<Buffer> {
    const { node, site, forward } = this.#parts
    const { sessionId } = answering.envelope
    const worker = workerOfSession(sessionId)
    if (worker !== node.siblings.worker) {
      const answer = await forward(worker, encodeRequestAgain(answering))
      if (answer !== undefined) return answer
      throw new HandleError('AUTHENTICATION_FAILED', 'the session is unknown or has expired')
    }
    const challenge = this.#challenges.take(sessionId)
    if (challenge === undefined) {
      throw new HandleError('AUTHENTICATION_FAILED', 'the session is unknown or has expired')
    }
    const identity = await this.#proved(challenge, readChallengeAnswerBody(answering.body))
    const { request } = challenge
    const asked = { node, request, identity, site }
    const answer =
      request.opCode === operations.resolve ? await answerResolution(asked) : await this.#operate(asked)
    // Said as the answer to the first request, under the number of the second, which is what the client waits for.
    return this.#encoded({ ...request, envelope: answering.envelope }, answer)
  }

  async #proved({ request, nonce }: Challenge, body: ChallengeAnswerBody): Promise<Identity> {
    const handle = parseHandle(body.handle)
    const resolved = await this.#parts.node.resolver.resolve(handle, { authoritative: false })
    const values = resolved === undefined ? [] : recordOf(resolved).values
    const challenged = Buffer.concat([nonce, encodeDigest(request).subarray(1)])
    for (const value of values) {
      // Index 0 means whichever key of the record proves it.
      if (body.index !== 0 && value.index !== body.index) continue
      const type = foldAscii(value.type)
      if (type !== foldAscii(body.authenticationType)) continue
      const isProved =
        type === structuredTypes.secretKey
          ? await provesSecret(value.data, challenged, body.proof)
          : type === structuredTypes.publicKey && provesKey(value.data, challenged, body.proof)
      if (isProved) return { handle, index: value.index }
    }
    throw new HandleError('AUTHENTICATION_FAILED', 'identity not verified: the proof does not hold')
  }

  #encoded(request: Message, answer: Answer | readonly Answer[] | Buffer): Buffer {
    if (Buffer.isBuffer(answer)) return answer
    const expirationSeconds = nowSeconds(this.#parts.node.clock) + answerLifeSeconds
    if (Array.isArray(answer)) {
      return Buffer.concat(answer.map((part: Answer) => encodeAnswer(request, part, expirationSeconds)))
    }
    const encoded = encodeAnswer(request, answer as Answer, expirationSeconds)
    if (encoded.length - envelopeBytes <= messageBytesMax) return encoded
    const body = sized(
      `the answer has ${encoded.length} bytes; expected at most ${messageBytesMax}: ask for fewer values`,
    )
    return encodeAnswer(request, { responseCode: responseCode.error, body }, expirationSeconds)
  }

  #refused(request: Message, error: unknown): Buffer {
    const known = knownError(error)
    if (known.code === 'AUTHENTICATION_NEEDED') {
      const { sessionId, nonce } = this.#challenges.begin(request)
      return this.#encoded(request, { responseCode: responseCode.challenge, body: sized(nonce), sessionId })
    }
    if (known.code === 'INTERNAL') this.#parts.onFailure(error)
    const code = wireCodes[known.code] ?? known.responseCode
    return this.#encoded(request, { responseCode: code, body: sized(known.message) })
  }
}

const performers = new Map<number, (asked: Asked) => MaybePromise<Answer | readonly Answer[]>>([
  [
    operations.getSiteInfo,
    ({ site }) => ({ responseCode: responseCode.success, body: encodeSiteData(site) }),
  ],
  [operations.createHandle, createHandle],
  [operations.deleteHandle, deleteHandle],
  [operations.addValue, addValues],
  [operations.removeValue, removeValues],
  [operations.modifyValue, modifyValues],
  [operations.listHandles, listHandles],
  [operations.listDerivedPrefixes, listDerivedPrefixes],
  [operations.listHomedPrefixes, listDerivedPrefixes],
  [operations.homePrefix, homePrefix],
  [operations.unhomePrefix, unhomePrefix],
])

const sessionOperations: ReadonlySet<number> = new Set([
  operations.setUpSession,
  operations.endSession,
  operations.exchangeSessionKey,
])

// Clients take 402 for a challenge with a nonce; a proof that fails has a code of its own here.
const wireCodes: Partial<Record<ErrorCode, number>> = { AUTHENTICATION_FAILED: 403 }

function knownError(error: unknown): HandleError {
  if (error instanceof HandleError) return error
  if (error instanceof EncodingError) return new HandleError('MALFORMED_REQUEST', error.message)
  return new HandleError('INTERNAL', 'the request failed; the log of the node says why')
}

/** The answer to a challenge as another thread reads it: envelope, header and body as they came. */
function encodeRequestAgain({ envelope, digested }: Message): Buffer {
  const head = Buffer.alloc(20)
  head.writeUInt8(envelope.major, 0)
  head.writeUInt8(envelope.minor, 1)
  head.writeInt32BE(envelope.sessionId, 4)
  head.writeInt32BE(envelope.requestId, 8)
  head.writeInt32BE(digested.length, 16)
  return Buffer.concat([head, digested])
}
