import { noSlot } from './slot-lists.ts'

/**
 * Slots in a binary heap, the least key first and among equal keys the one that got its key first. Keys, order and positions
 * are typed arrays by slot, so that a change of key allocates nothing.
 */
export class SlotHeap {
  readonly #keys: Float64Array
  readonly #order: Float64Array
  readonly #positions: Int32Array
  readonly #heap: Int32Array
  #size = 0
  #keysGiven = 0

  constructor(slotsMax: number) {
    this.#keys = new Float64Array(slotsMax)
    this.#order = new Float64Array(slotsMax)
    this.#positions = new Int32Array(slotsMax)
    this.#heap = new Int32Array(slotsMax)
  }

  get size(): number {
    return this.#size
  }

  /** The slot with the least key, or `noSlot`. */
  first(): number {
    return this.#size === 0 ? noSlot : (this.#heap[0] as number)
  }

  keyOf(slot: number): number {
    return this.#keys[slot] as number
  }

  add(slot: number, key: number): void {
    this.#setKey(slot, key)
    this.#siftUp(this.#size++, slot)
  }

  change(slot: number, key: number): void {
    const position = this.#positions[slot] as number
    this.#setKey(slot, key)
    this.#siftUp(position, slot)
    this.#siftDown(this.#positions[slot] as number, slot)
  }

  remove(slot: number): void {
    const position = this.#positions[slot] as number
    const last = this.#heap[--this.#size] as number
    if (last === slot) return
    this.#siftUp(position, last)
    this.#siftDown(this.#positions[last] as number, last)
  }

  #setKey(slot: number, key: number): void {
    this.#keys[slot] = key
    this.#order[slot] = this.#keysGiven++
  }

  #siftUp(from: number, slot: number): void {
    let position = from
    while (position > 0) {
      const parentPosition = (position - 1) >>> 1
      const parent = this.#heap[parentPosition] as number
      if (!this.#isBefore(slot, parent)) break
      this.#place(parent, position)
      position = parentPosition
    }
    this.#place(slot, position)
  }

  #siftDown(from: number, slot: number): void {
    let position = from
    for (;;) {
      let childPosition = 2 * position + 1
      if (childPosition >= this.#size) break
      const right = childPosition + 1
      if (
        right < this.#size &&
        this.#isBefore(this.#heap[right] as number, this.#heap[childPosition] as number)
      ) {
        childPosition = right
      }
      const child = this.#heap[childPosition] as number
      if (!this.#isBefore(child, slot)) break
      this.#place(child, position)
      position = childPosition
    }
    this.#place(slot, position)
  }

  #place(slot: number, position: number): void {
    this.#heap[position] = slot
    this.#positions[slot] = position
  }

  #isBefore(left: number, right: number): boolean {
    const leftKey = this.#keys[left] as number
    const rightKey = this.#keys[right] as number
    if (leftKey !== rightKey) return leftKey < rightKey
    return (this.#order[left] as number) < (this.#order[right] as number)
  }
}
