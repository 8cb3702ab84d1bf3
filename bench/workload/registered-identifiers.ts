/** Which identifiers one worker registers: every `workers`-th from `base + worker` on. */
export type RegistrationShare = { readonly base: number; readonly worker: number; readonly workers: number }

const slotStates = { pending: 0, known: 1, gone: 2 } as const

/**
 * The identifiers that one worker registered in this run, counted from 0: the newest `registeredMax` of them can be read
 * and deleted, older ones are left alone. A read is given out only between the acknowledged registration and the
 * deletion, a deletion only while no read is under way.
 */
export class RegisteredIdentifiers {
  readonly #share: RegistrationShare
  readonly #registeredMax: number
  readonly #states: Uint8Array
  readonly #readsInFlight: Uint32Array
  #next = 0
  #oldest = 0

  constructor(share: RegistrationShare, { registeredMax }: { readonly registeredMax: number }) {
    this.#share = share
    this.#registeredMax = registeredMax
    this.#states = new Uint8Array(registeredMax)
    this.#readsInFlight = new Uint32Array(registeredMax)
  }

  /** How many were begun, whatever became of them. */
  get count(): number {
    return this.#next
  }

  /** The ordinal to register next. */
  begin(): number {
    const number = this.#next++
    this.#states[number % this.#registeredMax] = slotStates.pending
    this.#readsInFlight[number % this.#registeredMax] = 0
    return this.#ordinalOf(number)
  }

  end(ordinal: number, { ok }: { readonly ok: boolean }): void {
    const slot = this.#slotOf(ordinal)
    if (slot !== undefined) this.#states[slot] = ok ? slotStates.known : slotStates.gone
  }

  /** The ordinal of the registration with this number, while it can be read. */
  beginRead(number: number): number | undefined {
    const ordinal = this.#ordinalOf(number)
    const slot = this.#slotOf(ordinal)
    if (slot === undefined || this.#states[slot] !== slotStates.known) return undefined
    this.#countRead(slot, 1)
    return ordinal
  }

  endRead(ordinal: number): void {
    const slot = this.#slotOf(ordinal)
    if (slot !== undefined) this.#countRead(slot, -1)
  }

  /** The oldest one that is left, unless something of it is under way. */
  beginDelete(): number | undefined {
    this.#oldest = Math.max(this.#oldest, this.#next - this.#registeredMax)
    while (
      this.#oldest < this.#next &&
      this.#states[this.#oldest % this.#registeredMax] === slotStates.gone
    ) {
      this.#oldest += 1
    }
    const slot = this.#oldest % this.#registeredMax
    if (this.#oldest >= this.#next) return undefined
    if (this.#states[slot] !== slotStates.known || this.#readsInFlight[slot] !== 0) return undefined
    this.#states[slot] = slotStates.gone
    return this.#ordinalOf(this.#oldest++)
  }

  /** The newest ordinals that are registered for certain. */
  known(): number[] {
    const ordinals: number[] = []
    for (let number = Math.max(0, this.#next - this.#registeredMax); number < this.#next; number++) {
      if (this.#states[number % this.#registeredMax] === slotStates.known)
        ordinals.push(this.#ordinalOf(number))
    }
    return ordinals
  }

  #countRead(slot: number, change: number): void {
    this.#readsInFlight[slot] = (this.#readsInFlight[slot] ?? 0) + change
  }

  #ordinalOf(number: number): number {
    return this.#share.base + this.#share.worker + number * this.#share.workers
  }

  #slotOf(ordinal: number): number | undefined {
    const number = (ordinal - this.#share.base - this.#share.worker) / this.#share.workers
    const within = number >= this.#next - this.#registeredMax && number < this.#next
    return within ? number % this.#registeredMax : undefined
  }
}
