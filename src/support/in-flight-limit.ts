/**
 * Lets only so much go on at once and makes the rest wait in order. The bound follows what the other side bears: it grows by
 * one for each full round of successes and is halved by a sign of overload, as TCP's congestion window is (RFC 5681).
 */
export class InFlightLimit {
  readonly #least: number
  readonly #most: number
  readonly #waiting: (() => void)[] = []
  #max: number
  #inFlight = 0
  #successes = 0
  #finishedSinceHalved = Number.POSITIVE_INFINITY
  #nextWaiting = 0

  constructor({ least, most }: { readonly least: number; readonly most: number }) {
    this.#least = Math.min(least, most)
    this.#most = most
    this.#max = Math.max(this.#least, Math.floor(most / 4))
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** How much may go on at once now. */
  get inFlightMax(): number {
    return this.#max
  }

  get waiting(): number {
    return this.#waiting.length - this.#nextWaiting
  }

  /** Runs `work` when its turn has come. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#inFlight >= this.#max) await new Promise<void>((resolve) => this.#waiting.push(resolve))
    else this.#inFlight++
    try {
      const result = await work()
      this.#succeeded()
      return result
    } finally {
      this.#leave()
    }
  }

  /** The other side shows that it is asked too much; what was under way together says so only once. */
  overloaded(): void {
    if (this.#finishedSinceHalved < this.#max) return
    this.#finishedSinceHalved = 0
    this.#max = Math.max(this.#least, this.#max >> 1)
    this.#successes = 0
  }

  #succeeded(): void {
    if (++this.#successes < this.#max) return
    this.#successes = 0
    // A bound that is not reached says nothing about what would be borne.
    if (this.waiting > 0 && this.#max < this.#most) this.#max++
  }

  /** A place that is left goes to whoever waits; more places go to more of them, and none while there are too many. */
  #leave(): void {
    this.#inFlight--
    this.#finishedSinceHalved++
    while (this.#inFlight < this.#max && this.waiting > 0) {
      this.#inFlight++
      this.#waiting[this.#nextWaiting++]?.()
    }
    if (this.waiting === 0 || this.#nextWaiting > compactedAt) {
      this.#waiting.splice(0, this.#nextWaiting)
      this.#nextWaiting = 0
    }
  }
}

const compactedAt = 10_000
