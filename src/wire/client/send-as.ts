import { createHmac } from 'node:crypto'
import { EncodingError } from '../../identifier/buffer-reader.ts'
import { structuredTypes } from '../../identifier/value.ts'
import { encodeChallengeAnswerBody, readChallengeBody } from '../codec/bodies.ts'
import { splitDigest } from '../codec/digest.ts'
import type { Message } from '../codec/message.ts'
import { operations, responseCode } from '../codec/protocol.ts'
import type { Request } from '../codec/request.ts'
import type { WireClient } from './wire-client.ts'
import { WireClientError } from './wire-client-error.ts'

/** An identity, `index:handle`, and the secret of its HS_SECKEY value. */
export type SecretKey = { readonly handle: string; readonly index: number; readonly secret: Uint8Array }

/**
 * Sends a request and, when the server asks who sent it, proves to hold the secret without telling it (RFC 3652
 * section 3.5): the challenge's nonce and the digest of the request under HMAC-SHA-256.
 * @throws WireClientError
 */
export async function sendAs(
  client: WireClient,
  request: Request,
  by: SecretKey,
  signal?: AbortSignal,
): Promise<readonly [Message, ...Message[]]> {
  const messages = await client.send(request, signal)
  const [challenge] = messages
  if (challenge.responseCode !== responseCode.challenge) return messages
  return client.send(
    {
      opCode: operations.answerChallenge,
      opFlags: request.opFlags,
      expirationSeconds: request.expirationSeconds,
      sessionId: challenge.envelope.sessionId,
      body: encodeChallengeAnswerBody({
        authenticationType: structuredTypes.secretKey,
        handle: by.handle,
        index: by.index,
        proof: proofFor(challenge, by.secret),
      }),
    },
    signal,
  )
}

function proofFor(challenge: Message, secret: Uint8Array): Buffer {
  try {
    const { digest, content } = splitDigest(challenge)
    const mac = createHmac('sha256', secret).update(readChallengeBody(content)).update(digest.subarray(1))
    return Buffer.concat([Buffer.of(hmacSha256), mac.digest()])
  } catch (cause) {
    if (!(cause instanceof EncodingError)) throw cause
    throw new WireClientError('PROTOCOL', `the challenge cannot be read: ${cause.message}`, { cause })
  }
}

const hmacSha256 = 0x13
