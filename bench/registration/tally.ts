/** Counts what is acknowledged between the end of the warm-up and the end of the run. */
export class Tally {
  #window: { readonly fromNs: number; readonly untilNs: number } | undefined
  #warmUp = 0
  #records = 0
  #failed = 0
  #lastNs = 0
  #longestGapNs = 0
  isOver = false

  /** Acknowledged before the measurement. */
  get warmUp(): number {
    return this.#warmUp
  }

  /** From here on it is measured. */
  begin(window: { readonly fromNs: number; readonly untilNs: number }): void {
    this.#window = window
    this.#lastNs = window.fromNs
  }

  add({ records, asked, atNs }: { records: number; asked: number; atNs: number }): void {
    if (this.#window === undefined) {
      this.#warmUp += records
      return
    }
    if (this.isOver) return
    this.#longestGapNs = Math.max(this.#longestGapNs, atNs - this.#lastNs)
    this.#lastNs = atNs
    if (atNs > this.#window.untilNs) {
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
