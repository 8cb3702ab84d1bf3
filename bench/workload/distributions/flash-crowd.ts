import { assert } from '../../../src/support/assert.ts'
import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'
import { Zipfian } from './zipfian.ts'

/** Zipf's law, but now and then a crowd asks for one item that was not popular before, and leaves again. */
export class FlashCrowd implements Distribution {
  readonly order = 'popularity'
  readonly #prng: Prng
  readonly #shared: Prng
  readonly #items: number
  readonly #calm: Zipfian
  readonly #crowdRatio: number
  readonly #lifeDraws: number
  #draws: number
  #wanted = 0

  constructor(options: DistributionOptions) {
    const { items, prng, crowdRatio = 0.5, lifeDraws = 10_000 } = options
    assert(crowdRatio >= 0 && crowdRatio <= 1, 'the part of the operations that a crowd makes is 0 to 1')
    assert(Number.isSafeInteger(lifeDraws) && lifeDraws > 0, 'a crowd stays for some draws')
    this.#prng = prng
    this.#shared = options.shared ?? prng
    this.#items = items
    this.#calm = new Zipfian(options)
    this.#crowdRatio = crowdRatio
    this.#lifeDraws = lifeDraws
    this.#draws = Math.floor((options.start?.share ?? 0) * lifeDraws * cycleLives)
    if (this.#draws > 0) this.#wanted = this.#shared.nextBelow(items)
  }

  next(): number {
    const inCycle = this.#draws++ % (this.#lifeDraws * cycleLives)
    if (inCycle === 0) this.#wanted = this.#shared.nextBelow(this.#items)
    const crowded = inCycle < this.#lifeDraws
    return crowded && this.#prng.nextDouble() < this.#crowdRatio ? this.#wanted : this.#calm.next()
  }
}

// A crowd is there for a tenth of the time.
const cycleLives = 10
