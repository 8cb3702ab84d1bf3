import { hash } from 'node:crypto'
import { EncodingError } from '../../identifier/buffer-reader.ts'
import type { Message } from './message.ts'
import { hasFlag, opFlag } from './protocol.ts'

/** Hash types as one byte in digests and proofs. */
export const hashType = { md5: 1, sha1: 2, sha256: 3 } as const

/** The type byte and the digest of a request, as answers repeat it to whoever asks for it. */
export function encodeDigest(request: Message): Buffer {
  const isRecent = request.envelope.minor >= sha256SinceMinor
  const digest = hash(isRecent ? 'sha256' : 'sha1', request.digested, 'buffer')
  return Buffer.concat([Buffer.of(isRecent ? hashType.sha256 : hashType.sha1), digest])
}

// Clients before 2.7 are from a time in which only MD5 and SHA-1 were certain to be there.
const sha256SinceMinor = 7

/** A body behind the digest that goes before it where the answer has one. @throws EncodingError */
export function splitDigest(message: Message): { digest: Buffer; content: Buffer } {
  const { body } = message
  if (!hasFlag(message, opFlag.requestDigest)) return { digest: body.subarray(0, 0), content: body }
  const digestBytes = 1 + (digestLengths.get(body[0] ?? 0) ?? 0)
  if (digestBytes === 1 || body.length < digestBytes) throw new EncodingError('the request digest is cut off')
  return { digest: body.subarray(0, digestBytes), content: body.subarray(digestBytes) }
}

const digestLengths = new Map<number, number>([
  [hashType.md5, 16],
  [hashType.sha1, 20],
  [hashType.sha256, 32],
])
