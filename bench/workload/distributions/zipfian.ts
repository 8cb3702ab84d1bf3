import { assert } from '../../../src/support/assert.ts'
import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution } from './distribution.ts'

export type ZipfianOptions = { readonly items: number; readonly prng: Prng; readonly exponent?: number }

// A common default of store benchmarks, kept so that results compare.
const defaultExponent = 0.99

/**
 * Zipf's law, exactly: rank k (from 1) has probability k^−s / H(N, s). Rejection-inversion after W. Hörmann and
 * G. Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6(3), 1996:
 * no table and no sum over the items, so 500 million items cost what ten do.
 */
export class Zipfian implements Distribution {
  readonly order = 'popularity'
  readonly #prng: Prng
  readonly #exponent: number
  /** Ranks whose x lies within this of them are accepted without evaluating the hat. */
  readonly #shortcut: number
  readonly #areaFrom: number
  #items: number
  #areaTo: number

  constructor({ items, prng, exponent = defaultExponent }: ZipfianOptions) {
    assert(exponent > 0, 'a Zipf exponent is positive')
    assert(Number.isSafeInteger(items) && items >= 1, 'there is at least one item to draw')
    this.#prng = prng
    this.#exponent = exponent
    this.#shortcut = 2 - inverseArea(area(2.5, exponent) - 2 ** -exponent, exponent)
    this.#areaFrom = area(1.5, exponent) - 1
    this.#items = items
    this.#areaTo = area(items + 0.5, exponent)
  }

  /** The next rank, 0 the most popular. */
  next(): number {
    const exponent = this.#exponent
    for (;;) {
      const drawn = this.#areaTo + this.#prng.nextDouble() * (this.#areaFrom - this.#areaTo)
      const x = inverseArea(drawn, exponent)
      const rank = Math.min(Math.max(Math.floor(x + 0.5), 1), this.#items)
      if (rank - x <= this.#shortcut || drawn >= area(rank + 0.5, exponent) - rank ** -exponent)
        return rank - 1
    }
  }

  grow(items: number): void {
    assert(items >= this.#items, 'the number of items only grows')
    this.#items = items
    this.#areaTo = area(items + 0.5, this.#exponent)
  }
}

/** The integral of t^−s from 1 to x; expm1(z)/z keeps its digits where s is close to 1 and is 1 where s is 1. */
function area(x: number, exponent: number): number {
  const log = Math.log(x)
  const z = (1 - exponent) * log
  return z === 0 ? log : (Math.expm1(z) / z) * log
}

/** The x whose area is given. */
function inverseArea(value: number, exponent: number): number {
  // Rounding may push z just below −1 for large exponents, where the logarithm does not exist.
  const z = Math.max(value * (1 - exponent), -1)
  return Math.exp(z === 0 ? value : (Math.log1p(z) / z) * value)
}
