/** Milliseconds beyond which a read may have waited for a disk: from the page cache one takes some hundredths of it. */
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
  readonly #diskReads: () => number
  #diskReadsSeen: number
  #debtMs = 0
  #paidAtMs = 0
  #isPaying = false

  /** `diskReads` counts what the process has read from disks since it started. */
  constructor(
    parts: { nowMs(): number; diskReads(): number } = {
      nowMs: () => performance.now(),
      diskReads: processDiskReads,
    },
  ) {
    this.#nowMs = parts.nowMs
    this.#diskReads = parts.diskReads
    this.#diskReadsSeen = parts.diskReads()
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
      if (endMs - startMs > slowMs && this.#hasReadDisk()) this.#owe(endMs - startMs, endMs)
    }
  }

  /**
   * The collector runs within a read that allocates, and on a busy machine the thread loses its core within one: neither is
   * cured by another thread, and a collection of 10 ms would send all reads of a fifth of a second there.
   */
  #hasReadDisk(): boolean {
    const diskReads = this.#diskReads()
    const isMore = diskReads > this.#diskReadsSeen
    this.#diskReadsSeen = diskReads
    return isMore
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

/** Pages that a read had to wait for, mapped or asked for: major faults and blocks read (getrusage(2)). */
function processDiskReads(): number {
  const { majorPageFault, fsRead } = process.resourceUsage()
  return majorPageFault + fsRead
}
