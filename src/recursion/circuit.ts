/** Failures one behind the other after which a server is left alone. */
const failuresMax = 5

/** For so long; then one request tries whether it is back. */
const openMs = 5000

/**
 * Keeps requests from a server that does not answer (Nygard, Release It!, 2007): after some failures it is closed to them for a
 * time, then one goes through, and its outcome decides.
 */
export class Circuit {
  readonly #nowMs: () => number
  #failures = 0
  #openUntilMs = 0
  #isProbing = false

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  get isOpen(): boolean {
    return this.#failures >= failuresMax && (this.#nowMs() < this.#openUntilMs || this.#isProbing)
  }

  /** Whether a request may be sent now; who is told so says what came of it. */
  admits(): boolean {
    if (this.#failures < failuresMax) return true
    if (this.isOpen) return false
    this.#isProbing = true
    return true
  }

  succeeded(): void {
    this.#failures = 0
    this.#isProbing = false
  }

  failed(): void {
    this.#failures++
    this.#isProbing = false
    if (this.#failures >= failuresMax) this.#openUntilMs = this.#nowMs() + openMs
  }
}
