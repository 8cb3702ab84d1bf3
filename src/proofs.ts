import { createHmac, createPublicKey, hash, type JsonWebKey, timingSafeEqual, verify } from 'node:crypto'
import { EncodingError } from './identifier/buffer-reader.ts'
import { decodeKeyData } from './identifier/key-data.ts'

/** A proof about some bytes, and the algorithm it was made with, as `node:crypto` names it. */
export type Proof = {
  readonly algorithm: string
  readonly challenged: Uint8Array
  readonly given: Uint8Array
}

/** Whether it is the digest of the bytes between a secret and itself, which only who knows the secret can make. */
export function isSecretDigest(secret: Uint8Array, { algorithm, challenged, given }: Proof): boolean {
  return isSame(hash(algorithm, Buffer.concat([secret, challenged, secret]), 'buffer'), given)
}

/** Whether it is the message authentication code of the bytes under a secret. */
export function isSecretMac(secret: Uint8Array, { algorithm, challenged, given }: Proof): boolean {
  return isSame(createHmac(algorithm, secret).update(challenged).digest(), given)
}

/** Whether it is a signature of the bytes by the key of an HS_PUBKEY value. @throws EncodingError when that is no key. */
export function isSignature(keyData: Uint8Array, { algorithm, challenged, given }: Proof): boolean {
  const key = decodeKeyData(keyData)
  // JSON Web Keys know no DSA; its values stay readable, its proofs prove nothing.
  if (key.kty !== 'RSA') return false
  try {
    return verify(algorithm, challenged, createPublicKey({ key: key as JsonWebKey, format: 'jwk' }), given)
  } catch (cause) {
    throw new EncodingError(`the public key cannot be used: ${String(cause)}`, { cause })
  }
}

function isSame(expected: Uint8Array, given: Uint8Array): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given)
}
