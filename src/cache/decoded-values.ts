import { noSlot } from './slot-lists.ts'

/**
 * The values of slots that are hit often, as objects: they keep an answer ready, and a few thousand of them answer most hits.
 * Slots of one place displace each other. An object that lives for a while and dies then is what the collector has most work
 * with, so one is made only for what is asked for more often than all others of its place (by the votes of Boyer and Moore 1981), and not
 * while the one there is asked for too.
 * Bounded to a small part of the cache's own bound, so that the garbage-collected heap stays small however large the cache is.
 */
export class DecodedValues<Value> {
  readonly #slots: Int32Array
  readonly #values: (Value | undefined)[]
  /** Who asks to be at a place, and how often more than all others that are not there. */
  readonly #asked: Int32Array
  readonly #askedTimes: Uint8Array
  /** How often whoever is there was asked for, less the times that others were. */
  readonly #uses: Uint8Array

  constructor({ bytesMax }: { readonly bytesMax: number }) {
    const places = placesFor(bytesMax)
    this.#slots = new Int32Array(places).fill(noSlot)
    this.#values = Array.from({ length: places }, () => undefined)
    this.#asked = new Int32Array(places).fill(noSlot)
    this.#askedTimes = new Uint8Array(places)
    this.#uses = new Uint8Array(places)
  }

  get(slot: number): Value | undefined {
    const place = slot & (this.#slots.length - 1)
    if (this.#slots[place] !== slot) return undefined
    const uses = this.#uses[place] as number
    if (uses < usesMax) this.#uses[place] = uses + 1
    return this.#values[place]
  }

  /** Whether a slot that is not here was asked for often enough to be. */
  wants(slot: number): boolean {
    const place = slot & (this.#slots.length - 1)
    const uses = this.#uses[place] as number
    const times = this.#askedTimes[place] as number
    if (uses > 0) this.#uses[place] = uses - 1
    else if (this.#asked[place] === slot) {
      this.#askedTimes[place] = times + 1
      return times + 1 >= askedTimesWanted
    } else if (times > 1) this.#askedTimes[place] = times - 1
    else {
      this.#asked[place] = slot
      this.#askedTimes[place] = 1
    }
    return false
  }

  keep(slot: number, value: Value, valueBytes: number): void {
    if (valueBytes > valueBytesMax) return
    const place = slot & (this.#slots.length - 1)
    this.#slots[place] = slot
    this.#values[place] = value
    this.#uses[place] = 0
    this.#askedTimes[place] = 0
  }

  /** Told whenever a slot gets another value. */
  forget(slot: number): void {
    const place = slot & (this.#slots.length - 1)
    if (this.#slots[place] !== slot) return
    this.#slots[place] = noSlot
    this.#values[place] = undefined
  }
}

/** So many more askings than those of all others at its place make an object. */
const askedTimesWanted = 4
/** So many askings of others push out whoever is not asked for any more. */
const usesMax = 16
const valueBytesMax = 2048
const placesMax = 16_384
// An object takes its bytes twice, once as an answer ready to be sent: an eighth of the bound if all were as large as may be.
const boundBytesPerPlace = 8 * 2 * valueBytesMax

function placesFor(bytesMax: number): number {
  const most = Math.min(placesMax, Math.max(1, bytesMax / boundBytesPerPlace))
  return 2 ** Math.floor(Math.log2(most))
}
