/** Counts what is acknowledged between the end of the warm-up and the end of the run. */
export class Tally {
  readonly #fromNs: number
  readonly #untilNs: number
  #records = 0
  #failed = 0
  #lastNs: number
  #longestGapNs = 0
  isOver = false

  constructor(window: { readonly fromNs: number; readonly untilNs: number }) {
    this.#fromNs = window.fromNs
    this.#untilNs = window.untilNs
    this.#lastNs = window.fromNs
  }

  add({ records, asked, atNs }: { records: number; asked: number; atNs: number }): void {
    if (atNs < this.#fromNs || this.isOver) return
    this.#longestGapNs = Math.max(this.#longestGapNs, atNs - this.#lastNs)
    this.#lastNs = atNs
    if (atNs > this.#untilNs) {
      this.isOver = true
      return
    }
    this.#records += records
    this.#failed += asked - records
  }

  result(): { readonly records: number; readonly failed: number; readonly longestGapMs: number } {
    return { records: this.#records, failed: this.#failed, longestGapMs: this.#longestGapNs / 1e6 }
  }
}
