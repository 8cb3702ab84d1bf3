import type { Prng } from '../../../src/support/prng.ts'

/** Which of `items` identifiers is asked next: a number from 0 to items − 1. */
export interface Distribution {
  /**
   * What the numbers mean: `popularity` are ranks, 0 the most popular, to be spread over the ordinals by a permutation;
   * `age` are positions in order of registration, items − 1 the newest.
   */
  readonly order: 'popularity' | 'age'
  next(): number
  /** Where the number of items may grow while drawing. */
  grow?(items: number): void
}

/** The parameters of a distribution, as a preset names them; each has a default where it applies. */
export type DistributionSettings = {
  /** Of Zipf's law; any number above 0. */
  readonly exponent?: number
  /** Which part of the items is hot, and which part of the operations goes there. */
  readonly hotItemsRatio?: number
  readonly hotOperationsRatio?: number
  /** Draws until the peak of an object in shot noise, or for which a crowd stays. */
  readonly lifeDraws?: number
  /** Which part of the operations a crowd makes while it is there. */
  readonly crowdRatio?: number
  /** Which part of the operations scan, and how many items each scan has. */
  readonly scanRatio?: number
  readonly scanItems?: number
}

/** Where in its course a distribution begins that has one. */
export type DistributionStart = {
  /** A share of the course, from 0 to below 1, on which all workers agree. */
  readonly share: number
  /** Each worker takes one of `workers` draws. */
  readonly worker: number
  readonly workers: number
}

export type DistributionOptions = DistributionSettings & {
  readonly items: number
  readonly prng: Prng
  /** A stream that all workers draw alike, for what they shall agree on; `prng` unless given. */
  readonly shared?: Prng
  /** At its beginning, as the only worker, unless given. */
  readonly start?: DistributionStart
}

export type DistributionFactory = (options: DistributionOptions) => Distribution
