import { randomFillSync } from 'node:crypto'

/**
 * Spreads keys over tables and groups by a secret, so that nobody who does not know it can choose keys that crowd into one
 * place and make each lookup walk past all of them. A secret that only starts the hash would not do, for texts can be
 * searched that collide from every start: here each step multiplies by it twice and lets the text in before both, turned the
 * second time, so that a difference which passes the first multiplication unchanged, as that of a top bit does, meets the
 * second one in its low bits. It keeps keys apart and protects no message.
 */
export class TextHash {
  readonly #start: number
  readonly #first: number
  readonly #second: number

  /** All threads that look at one table of epochs have one secret, as `newHashSecret` makes it. */
  constructor(secret: SharedArrayBuffer = newHashSecret()) {
    const [start = 0, first = 0, second = 0] = new Int32Array(secret)
    this.#start = start
    // Multiplying by an even number would lose bits.
    this.#first = first | 1
    this.#second = second | 1
  }

  /**
   * 32 bits without sign. The hottest function of the node (`npm run bench:hot-path`): four characters a step while they
   * have a byte each, two from the first that has not, in the time in which FNV-1a takes them one by one.
   */
  of(text: string): number {
    const first = this.#first
    const second = this.#second
    const { length } = text
    let state = this.#start
    let place = 0
    for (; place + 3 < length; place += 4) {
      const one = text.charCodeAt(place)
      const two = text.charCodeAt(place + 1)
      const three = text.charCodeAt(place + 2)
      const four = text.charCodeAt(place + 3)
      if ((one | two | three | four) > 0xff) break
      state = mixed(state, one | (two << 8) | (three << 16) | (four << 24), first, second)
    }
    for (; place + 1 < length; place += 2) {
      state = mixed(state, text.charCodeAt(place) | (text.charCodeAt(place + 1) << 16), first, second)
    }
    if (place < length) state = mixed(state, text.charCodeAt(place), first, second)
    // What ends in zeros, or was taken in other steps, has another length.
    state = mixed(state, length, second, first)
    return (state ^ (state >>> 16)) >>> 0
  }
}

/** A secret for one process, in memory that its threads share. */
export function newHashSecret(): SharedArrayBuffer {
  const secret = new SharedArrayBuffer(secretWords * 4)
  randomFillSync(new Int32Array(secret))
  return secret
}

const secretWords = 3

/** Numbers and no object: what V8 keeps in registers. */
function mixed(state: number, word: number, first: number, second: number): number {
  const once = Math.imul(state ^ word ^ (state >>> 16), first)
  const turned = (word << 8) | (word >>> 24)
  return Math.imul(once ^ turned ^ (once >>> 15), second)
}
