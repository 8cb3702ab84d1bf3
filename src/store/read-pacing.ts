/** Milliseconds beyond which a read has waited for a disk: from the page cache one takes some hundredths of it. */
const slowMs = 0.25

/** Milliseconds that slow reads may hold up a thread in one stretch; the read that passes the bound still ends. */
export const blockedMsMax = 4

/** Of the time that passes, the part that slow reads may take in the long run. */
const blockedShareMax = 0.05

/**
 * Decides whether the next read may hold up its thread. Reading at once is by far the cheapest while the page cache answers;
 * when it does not, one read after the other would stop the event loop for as long as the disk takes for all of them. Slow
 * reads run up a debt that time pays off; beyond a bound reads go to the thread pool until the debt is paid.
 */
export class ReadPacing {
  readonly #nowMs: () => number
  #debtMs = 0
  #paidAtMs = 0
  #isPaying = false

  constructor(nowMs: () => number = () => performance.now()) {
    this.#nowMs = nowMs
  }

  /** Whether the thread may wait for the next read. */
  mayBlock(): boolean {
    if (!this.#isPaying) return true
    this.#pay(this.#nowMs())
    this.#isPaying = this.#debtMs > 0
    return !this.#isPaying
  }

  /** Takes a read in this thread and notes how long it held the thread up. */
  timed<Result>(read: () => Result): Result {
    const startMs = this.#nowMs()
    try {
      return read()
    } finally {
      const endMs = this.#nowMs()
      if (endMs - startMs > slowMs) this.#owe(endMs - startMs, endMs)
    }
  }

  #owe(blockedMs: number, nowMs: number): void {
    this.#pay(nowMs)
    this.#debtMs += blockedMs
    if (this.#debtMs > blockedMsMax) this.#isPaying = true
  }

  #pay(nowMs: number): void {
    this.#debtMs = Math.max(0, this.#debtMs - (nowMs - this.#paidAtMs) * blockedShareMax)
    this.#paidAtMs = nowMs
  }
}
