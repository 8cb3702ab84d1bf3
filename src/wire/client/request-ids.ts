/** Numbers for requests: positive, one after another, again from 1 after the last. */
export class RequestIds {
  #last: number

  /** Begins behind `start`, so that clients that share an address do not count alike. */
  constructor(start = 0) {
    this.#last = start
  }

  next(): number {
    this.#last = this.#last >= requestIdMax ? 1 : this.#last + 1
    return this.#last
  }
}

const requestIdMax = 0x7fff_ffff
