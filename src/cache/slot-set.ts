/** A set of slots from which one can be drawn by chance: members packed in one typed array, the hole of a removal filled by the last. */
export class SlotSet {
  readonly #members: Int32Array
  readonly #positions: Int32Array
  #size = 0

  constructor(slotsMax: number) {
    this.#members = new Int32Array(slotsMax)
    this.#positions = new Int32Array(slotsMax)
  }

  get size(): number {
    return this.#size
  }

  /** The member at a position in [0, size). */
  at(position: number): number {
    return this.#members[position] as number
  }

  add(slot: number): void {
    this.#members[this.#size] = slot
    this.#positions[slot] = this.#size++
  }

  remove(slot: number): void {
    const position = this.#positions[slot] as number
    const last = this.#members[--this.#size] as number
    this.#members[position] = last
    this.#positions[last] = position
  }
}
