import { hash } from 'node:crypto'
import type { Message } from './message.ts'

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
