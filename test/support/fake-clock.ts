import type { Clock } from '../../src/support/clock.ts'

/** Time that moves only when a test says so. */
export class FakeClock implements Clock {
  #nowMs: number

  constructor(startMs = 1_700_000_000_000) {
    this.#nowMs = startMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  nowNs(): number {
    return this.#nowMs * 1e6
  }

  advanceMs(elapsedMs: number): void {
    this.#nowMs += elapsedMs
  }

  advanceSeconds(elapsedSeconds: number): void {
    this.advanceMs(elapsedSeconds * 1000)
  }
}
