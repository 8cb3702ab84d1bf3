import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { BufferReader, EncodingError } from '../identifier/buffer-reader.ts'
import { isSecretDigest, isSecretMac, isSignature } from '../proofs.ts'
import { hashType } from './codec/digest.ts'

/** What was to be proved about: the challenge's nonce followed by the digest of the request. */
export type Challenged = Buffer

/** Whether `proof` shows knowledge of the secret of an HS_SECKEY value. @throws EncodingError */
export async function provesSecret(
  secret: Uint8Array,
  challenged: Challenged,
  proof: Buffer,
): Promise<boolean> {
  const kind = proof[0]
  const given = proof.subarray(1)
  const plain = plainHashes.get(kind ?? 0)
  if (plain !== undefined) return isSecretDigest(secret, { algorithm: plain, challenged, given })
  const keyed = keyedHashes.get(kind ?? 0)
  if (keyed !== undefined) return isSecretMac(secret, { algorithm: keyed, challenged, given })
  if (kind !== pbkdf2HmacSha1) throw new EncodingError(`hash type of the proof is ${kind}`)
  const reader = new BufferReader(given)
  const salt = reader.bytes('salt', saltBytesMax)
  const iterations = reader.uint32('iterations')
  const keyBits = reader.uint32('key length')
  const mac = reader.bytes('mac', saltBytesMax)
  reader.end('proof')
  if (iterations < 1 || iterations > iterationsMax || keyBits % 8 !== 0 || keyBits > keyBitsMax) {
    throw new EncodingError(`key derivation of ${iterations} iterations to ${keyBits} bits is refused`)
  }
  const key = await derive(secret, salt, iterations, keyBits / 8, 'sha1')
  return isSecretMac(key, { algorithm: 'sha1', challenged, given: mac })
}

/** Whether `proof` is a signature by the key of an HS_PUBKEY value. @throws EncodingError */
export function provesKey(keyData: Uint8Array, challenged: Challenged, proof: Buffer): boolean {
  const reader = new BufferReader(proof)
  const algorithm = signatureHashes.get(reader.string('hash algorithm', 64).toUpperCase().replace('-', ''))
  const signature = reader.bytes('signature', signatureBytesMax)
  reader.end('proof')
  if (algorithm === undefined) throw new EncodingError('the hash algorithm of the signature is unknown')
  return isSignature(keyData, { algorithm, challenged, given: signature })
}

const plainHashes = new Map<number, string>([
  [hashType.md5, 'md5'],
  [hashType.sha1, 'sha1'],
  [hashType.sha256, 'sha256'],
])
const keyedHashes = new Map([
  [0x12, 'sha1'],
  [0x13, 'sha256'],
])
const pbkdf2HmacSha1 = 0x22
const signatureHashes = new Map([
  ['MD5', 'md5'],
  ['SHA1', 'sha1'],
  ['SHA256', 'sha256'],
])
const derive = promisify(pbkdf2)
// The reference client takes 10,000; more than this is somebody who wants the node's time.
const iterationsMax = 100_000
const keyBitsMax = 1024
const saltBytesMax = 1024
const signatureBytesMax = 4096
