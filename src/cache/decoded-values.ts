import { noSlot } from './slot-lists.ts'

/**
 * The values of slots that were hit lately, as objects: making one from its bytes costs a hit more than all else that it does
 * (`npm run bench:micro -- cache-hit`), and a few thousand objects answer most hits. Slots of one place displace each other. Bounded to
 * a small part of the cache's own bound, so that the garbage-collected heap stays small however large the cache is.
 */
export class DecodedValues<Value> {
  readonly #slots: Int32Array
  readonly #values: (Value | undefined)[]

  constructor({ bytesMax }: { readonly bytesMax: number }) {
    const places = placesFor(bytesMax)
    this.#slots = new Int32Array(places).fill(noSlot)
    this.#values = Array.from({ length: places }, () => undefined)
  }

  get(slot: number): Value | undefined {
    const place = slot & (this.#slots.length - 1)
    return this.#slots[place] === slot ? this.#values[place] : undefined
  }

  keep(slot: number, value: Value, valueBytes: number): void {
    if (valueBytes > valueBytesMax) return
    const place = slot & (this.#slots.length - 1)
    this.#slots[place] = slot
    this.#values[place] = value
  }

  /** Told whenever a slot gets another value. */
  forget(slot: number): void {
    const place = slot & (this.#slots.length - 1)
    if (this.#slots[place] !== slot) return
    this.#slots[place] = noSlot
    this.#values[place] = undefined
  }
}

const valueBytesMax = 2048
const placesMax = 16_384
// An object takes its bytes twice, once as an answer ready to be sent: an eighth of the bound if all were as large as may be.
const boundBytesPerPlace = 8 * 2 * valueBytesMax

function placesFor(bytesMax: number): number {
  const most = Math.min(placesMax, Math.max(1, bytesMax / boundBytesPerPlace))
  return 2 ** Math.floor(Math.log2(most))
}
