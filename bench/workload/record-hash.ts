import { deriveSeed } from '../../src/support/prng.ts'

/**
 * The bits from which a load draws everything: `identity` chooses kind, stem and check character of an ordinal,
 * `content` of that hash what its record says, `state` the word of its changing value.
 */
export type RecordHash = {
  identity(ordinal: number): number
  content(identity: number): number
  state(identity: number, revision: number): number
}

/** The hash of one seed. */
export function createRecordHash(seed: number): RecordHash {
  const seedLow = deriveSeed(seed, 1)
  const seedHigh = deriveSeed(seed, 2)
  return {
    identity: (ordinal) => mix32(mix32((ordinal & -1) ^ seedLow) + seedHigh + highBitsOf(ordinal)),
    content: (identity) => mix32(identity ^ seedHigh),
    state: (identity, revision) => mix32(identity + revision),
  }
}

/** Nearly every ordinal is below 2^32, where the division would be half the cost of the hash. */
function highBitsOf(ordinal: number): number {
  return ordinal < 2 ** 32 ? 0 : Math.imul(Math.floor(ordinal / 2 ** 32), 0x9e3779b1)
}

/** The 32-bit finaliser of MurmurHash3 (Austin Appleby, public domain). */
function mix32(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed ^= mixed >>> 13
  mixed = Math.imul(mixed, 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) | 0
}
