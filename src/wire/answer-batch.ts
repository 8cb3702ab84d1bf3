/** Answers of one turn, one behind the other in memory that is used again, so that they leave in one write. */
export class AnswerBatch {
  #bytes = Buffer.allocUnsafeSlow(batchBytes)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Room for one more answer of so many bytes, which the caller fills. */
  reserve(bytes: number): { readonly target: Buffer; readonly start: number } {
    const start = this.#length
    this.#length += bytes
    if (this.#length > this.#bytes.length) this.#grow(start)
    return { target: this.#bytes, start }
  }

  append(answer: Uint8Array): void {
    const { target, start } = this.reserve(answer.length)
    target.set(answer, start)
  }

  /** What was gathered; it stays as it is until `reuse`. */
  get gathered(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  /** Begins anew: over the same memory where it has left, over other memory where the system still holds it. */
  reuse({ hasLeft }: { readonly hasLeft: boolean }): void {
    if (!hasLeft || this.#bytes.length > batchBytes) this.#bytes = Buffer.allocUnsafeSlow(batchBytes)
    this.#length = 0
  }

  #grow(filled: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#length, this.#bytes.length * 2))
    this.#bytes.copy(larger, 0, 0, filled)
    this.#bytes = larger
  }
}

// What a thousand ordinary answers take.
const batchBytes = 512 * 1024
