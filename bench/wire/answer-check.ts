import { envelopeBytes, headerBytes, responseCode } from '../../src/wire/codec/protocol.ts'
import type { Question } from './questions.ts'

/** Asks the same questions over and over, numbers them, and tells right answers from wrong ones byte by byte. */
export class NumberedQuestions {
  readonly #questions: readonly Question[]
  readonly #asked: Int32Array
  #next = 0

  /** Numbers from 0 to `slots` − 1 are under way at most. */
  constructor(questions: readonly Question[], slots: number) {
    this.#questions = questions
    this.#asked = new Int32Array(slots)
  }

  /** The next question under a number; the buffer is a copy. */
  ask(slot: number): Buffer {
    // A stride that shares no factor with the count visits every handle before any comes again.
    this.#next = (this.#next + stride) % this.#questions.length
    this.#asked[slot] = this.#next
    const { request } = this.#questions[this.#next] as Question
    const copy = Buffer.allocUnsafe(request.length)
    request.copy(copy)
    copy.writeInt32BE(slot, requestIdStart)
    return copy
  }

  /** The number that a message answers. */
  slotOf(bytes: Buffer, start: number): number {
    return bytes.readInt32BE(start + requestIdStart)
  }

  isRight(bytes: Buffer, start: number, end: number): boolean {
    const question = this.#questions[this.#asked[this.slotOf(bytes, start)] ?? 0]
    if (question === undefined || bytes.readInt32BE(start + responseCodeStart) !== responseCode.success)
      return false
    const { answer } = question
    const bodyStart = start + envelopeBytes + headerBytes
    if (end - bodyStart !== answer.length + credentialBytes) return false
    return bytes.compare(answer, 0, answer.length, bodyStart, bodyStart + answer.length) === 0
  }
}

const stride = 7919
const requestIdStart = 8
const responseCodeStart = 24
const credentialBytes = 4
