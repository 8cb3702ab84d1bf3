import { assert } from '../../../src/support/assert.ts'
import { deriveSeed } from '../../../src/support/prng.ts'

/** Maps 0 … items − 1 onto itself, one to one. */
export type Permutation = (rank: number) => number

const roundsCount = 6

/**
 * A seeded bijection that scatters popular ranks over the ordinals without a table: a Feistel network over the next
 * power of two, walked until it lands inside (J. Black and P. Rogaway, "Ciphers with arbitrary finite domains", 2002).
 * Hashing modulo the items, the usual shortcut, is not one to one: it never asks for a third of them.
 */
export function createPermutation({
  items,
  seed,
}: {
  readonly items: number
  readonly seed: number
}): Permutation {
  assert(items >= 1 && items <= 2 ** 40, 'a permutation covers 1 to 2^40 items')
  const bits = Math.max(2, Math.ceil(Math.log2(items)))
  const lowBits = bits >>> 1
  const lowMask = 2 ** lowBits - 1
  const highMask = 2 ** (bits - lowBits) - 1
  const lowSize = 2 ** lowBits
  const keys = Int32Array.from({ length: roundsCount }, (_, round) => deriveSeed(seed, 100 + round))

  return (rank) => {
    assert(rank >= 0 && rank < items, 'a permuted rank is one of the items')
    let place = rank
    do {
      let low = place & lowMask
      let high = Math.floor(place / lowSize)
      for (let round = 0; round < roundsCount; round += 2) {
        high ^= scramble(low, keys[round] ?? 0) & highMask
        low ^= scramble(high, keys[round + 1] ?? 0) & lowMask
      }
      place = high * lowSize + low
    } while (place >= items)
    return place
  }
}

function scramble(half: number, key: number): number {
  let mixed = Math.imul(half ^ key, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b)
  return mixed ^ (mixed >>> 13)
}
