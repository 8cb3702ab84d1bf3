/** Lets so many pieces of work be under way at a time; the others wait their turn. */
export class Limiter {
  readonly #underWayMax: number
  readonly #waiting: (() => void)[] = []
  #underWay = 0

  constructor(underWayMax: number) {
    this.#underWayMax = underWayMax
  }

  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#underWay >= this.#underWayMax) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#underWay++
    try {
      return await work()
    } finally {
      const next = this.#waiting.shift()
      // Its place passes on, so that nobody who comes now gets in between.
      if (next === undefined) this.#underWay--
      else next()
    }
  }
}
