import type { Prng } from '../../../src/support/prng.ts'
import { envelopeBytes } from '../../../src/wire/codec/protocol.ts'

const bytesMax = 4096
/** Lengths and counts at which readers of binary formats go wrong. */
const interestingIntegers = [
  -1, 0, 1, 2, 3, 4, 23, 24, 255, 256, 491, 492, 493, 511, 512, 2048, 2049, 65_535, 65_536, 262_143, 262_144,
  262_145, 0x00ff_ffff, 0x7fff_ffff, -0x8000_0000, -2, 2_000_000_000,
]
const interestingBytes = [0, 1, 2, 3, 4, 0x20, 0x2e, 0x2f, 0x40, 0x7f, 0x80, 0xc0, 0xff]

/** A message made from others by a few random changes, half of the time with lengths that fit again. */
export function mutate(corpus: readonly Buffer[], prng: Prng): Buffer {
  let bytes: Buffer = Buffer.from(pick(corpus, prng))
  const changes = 1 + prng.nextBelow(4)
  for (let change = 0; change < changes; change++) {
    bytes = pick(changeKinds, prng)(bytes, corpus, prng)
  }
  if (bytes.length > bytesMax) bytes = bytes.subarray(0, bytesMax)
  if (prng.nextBelow(4) !== 0) fitLengths(bytes, prng)
  return bytes
}

type Change = (bytes: Buffer, corpus: readonly Buffer[], prng: Prng) => Buffer

const changeKinds: readonly Change[] = [
  function flipBit(bytes, _corpus, prng) {
    const position = prng.nextBelow(Math.max(1, bytes.length))
    if (position < bytes.length) bytes[position] = (bytes[position] as number) ^ (1 << prng.nextBelow(8))
    return bytes
  },
  function setByte(bytes, _corpus, prng) {
    const position = prng.nextBelow(Math.max(1, bytes.length))
    if (position < bytes.length) bytes[position] = pick(interestingBytes, prng)
    return bytes
  },
  function setInteger(bytes, _corpus, prng) {
    if (bytes.length < 4) return bytes
    bytes.writeInt32BE(pick(interestingIntegers, prng), prng.nextBelow(bytes.length - 3))
    return bytes
  },
  function setHeaderField(bytes, _corpus, prng) {
    const start = pick([4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44], prng)
    if (start + 4 <= bytes.length) bytes.writeInt32BE(pick(interestingIntegers, prng), start)
    return bytes
  },
  function cut(bytes, _corpus, prng) {
    return bytes.subarray(0, prng.nextBelow(bytes.length + 1))
  },
  function remove(bytes, _corpus, prng) {
    const start = prng.nextBelow(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(start + 1 + prng.nextBelow(16))])
  },
  function repeat(bytes, _corpus, prng) {
    const start = prng.nextBelow(bytes.length + 1)
    const end = start + prng.nextBelow(64)
    return Buffer.concat([bytes.subarray(0, end), bytes.subarray(start)])
  },
  function insertNoise(bytes, _corpus, prng) {
    const start = prng.nextBelow(bytes.length + 1)
    const noise = Buffer.from(Array.from({ length: 1 + prng.nextBelow(24) }, () => prng.nextBelow(256)))
    return Buffer.concat([bytes.subarray(0, start), noise, bytes.subarray(start)])
  },
  function spliceAnother(bytes, corpus, prng) {
    const other = pick(corpus, prng)
    const start = prng.nextBelow(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, start), other.subarray(prng.nextBelow(other.length + 1))])
  },
]

/** So that a change behind the envelope is met by what reads there, not by the check of lengths. */
function fitLengths(bytes: Buffer, prng: Prng): void {
  if (bytes.length < envelopeBytes) return
  bytes.writeInt32BE(bytes.length - envelopeBytes, 16)
  if (bytes.length >= bodyStart + credentialBytes && prng.nextBelow(4) !== 0) {
    bytes.writeInt32BE(bytes.length - bodyStart - credentialBytes, 40)
  }
}

const bodyStart = 44
const credentialBytes = 4

function pick<Item>(items: readonly Item[], prng: Prng): Item {
  return items[prng.nextBelow(items.length)] as Item
}
