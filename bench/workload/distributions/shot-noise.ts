import { assert } from '../../../src/support/assert.ts'
import type { Prng } from '../../../src/support/prng.ts'
import type { Distribution, DistributionOptions } from './distribution.ts'
import { Zipfian } from './zipfian.ts'

/**
 * Objects are born in cohorts all the time, become popular, and fade (a shot-noise model, as Traverso and others fitted to video
 * requests in 2013). The age of what is asked for has a gamma density of shape 2: it rises, peaks at `lifeDraws` and fades;
 * within a cohort Zipf's law holds. When all items were born they are born again.
 */
export class ShotNoise implements Distribution {
  readonly order = 'age'
  readonly #prng: Prng
  readonly #items: number
  readonly #cohortItems: number
  readonly #lifeDraws: number
  readonly #inCohort: Zipfian
  /** Draws of all workers between two of this one, and up to now. */
  readonly #step: number
  #draws: number

  constructor({ items, prng, exponent, lifeDraws = 10_000, start }: DistributionOptions) {
    assert(Number.isSafeInteger(items) && items >= 1, 'there is at least one item to draw')
    assert(lifeDraws > 0, 'objects live for some draws')
    this.#prng = prng
    this.#items = items
    this.#cohortItems = Math.min(items, cohortItemsMost)
    this.#lifeDraws = lifeDraws
    const { share, worker, workers } = start ?? { share: 0, worker: 0, workers: 1 }
    this.#step = workers
    this.#draws = Math.floor((share * items) / bornPerDraw) + worker + 1 - workers
    this.#inCohort = new Zipfian({
      items: this.#cohortItems,
      prng,
      ...(exponent === undefined ? {} : { exponent }),
    })
  }

  next(): number {
    this.#draws += this.#step
    const ageDraws =
      -this.#lifeDraws * Math.log((1 - this.#prng.nextDouble()) * (1 - this.#prng.nextDouble()))
    const cohort = Math.floor(((this.#draws - ageDraws) * bornPerDraw) / this.#cohortItems)
    const number = (cohort * this.#cohortItems + this.#inCohort.next()) % this.#items
    return number < 0 ? number + this.#items : number
  }
}

const cohortItemsMost = 50

// One object in twenty requests is new.
const bornPerDraw = 0.05
