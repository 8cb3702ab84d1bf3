import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'
import { Loop } from './loop.ts'
import { ShotNoise } from './shot-noise.ts'
import { Zipfian } from './zipfian.ts'

/** What a shared cache sees: most requests by Zipf's law, some for what is new, some from a job that walks through everything. */
export class Mixture implements Distribution {
  readonly order = 'popularity'
  readonly #prng: Prng
  readonly #popular: Zipfian
  readonly #recent: ShotNoise
  readonly #walking: Loop

  constructor(options: DistributionOptions) {
    this.#prng = options.prng
    this.#popular = new Zipfian(options)
    this.#recent = new ShotNoise(options)
    this.#walking = new Loop(options)
  }

  next(): number {
    const chance = this.#prng.nextDouble()
    if (chance < popularShare) return this.#popular.next()
    return chance < popularShare + recentShare ? this.#recent.next() : this.#walking.next()
  }
}

const popularShare = 0.7
const recentShare = 0.2
