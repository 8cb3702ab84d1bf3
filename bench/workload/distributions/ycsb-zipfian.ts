import { assert } from '../../../src/support/assert.ts'
import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'

/**
 * The "scrambled zipfian" of YCSB, for comparison with results made with it: Gray's approximation over a fixed space of 10^10
 * with exponent 0.99, hashed onto the items. It is no Zipf distribution of them: the hottest key has 3.8 % whatever their
 * number, and hashes collide, so a third of the items is never asked for.
 */
export class YcsbZipfian implements Distribution {
  readonly order = 'age'
  readonly #prng: Prng
  readonly #items: bigint

  constructor({ items, prng, exponent = theta }: DistributionOptions) {
    assert(exponent === theta, 'the zipfian of YCSB has the exponent 0.99 and no other')
    assert(Number.isSafeInteger(items) && items >= 1, 'there is at least one item to draw')
    this.#prng = prng
    this.#items = BigInt(items)
  }

  next(): number {
    return Number(fnvHash(this.#nextRank()) % this.#items)
  }

  #nextRank(): number {
    const uniform = this.#prng.nextDouble()
    const scaled = uniform * spaceZeta
    if (scaled < 1) return 0
    if (scaled < 1 + 0.5 ** theta) return 1
    return Math.floor(space * (eta * uniform - eta + 1) ** (1 / (1 - theta)))
  }
}

const theta = 0.99
const space = 1e10

/** Σ k^−0.99 for k = 1 … 10^10, which takes minutes to sum. */
const spaceZeta = 26.46902820178302
const eta = (1 - (2 / space) ** (1 - theta)) / (1 - (1 + 0.5 ** theta) / spaceZeta)

/** FNV-1 over the eight bytes of a number as YCSB computes it, without sign. */
function fnvHash(value: number): bigint {
  let hash = 0xcbf29ce484222325n
  let rest = BigInt(value)
  for (let byte = 0; byte < 8; byte++) {
    hash = BigInt.asUintN(64, (hash ^ (rest & 0xffn)) * 1_099_511_628_211n)
    rest >>= 8n
  }
  const signed = BigInt.asIntN(64, hash)
  return signed < 0n ? -signed : signed
}
