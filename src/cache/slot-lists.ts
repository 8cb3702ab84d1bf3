/** What the lists answer where there is no slot. */
export const noSlot = -1

/**
 * Doubly linked lists of slots over one typed array: a slot is in at most one list of a family, and linking allocates nothing.
 * Each list is a ring through a sentinel of its own behind the slots, so that no operation has a case for an empty list or an
 * end (`npm run bench:simulator` pays for that), and both links of a slot share a cache line.
 */
export class SlotLists {
  readonly #links: Int32Array
  readonly #slotsMax: number

  constructor(slotsMax: number, lists: number) {
    this.#slotsMax = slotsMax
    this.#links = new Int32Array(2 * (slotsMax + lists))
    for (let list = 0; list < lists; list++) this.clear(list)
  }

  /** Empties a list without touching what was linked in it. */
  clear(list: number): void {
    const ring = this.#slotsMax + list
    this.#links[2 * ring] = ring
    this.#links[2 * ring + 1] = ring
  }

  isEmpty(list: number): boolean {
    const ring = this.#slotsMax + list
    return this.#links[2 * ring] === ring
  }

  /** The slot pushed last, or `noSlot`. */
  front(list: number): number {
    return this.#slotOrNone(this.#links[2 * (this.#slotsMax + list) + 1] as number)
  }

  /** The slot that has been in the list longest, or `noSlot`. */
  back(list: number): number {
    return this.#slotOrNone(this.#links[2 * (this.#slotsMax + list)] as number)
  }

  /** The neighbour of a linked slot on the side of the front, or `noSlot`. */
  towardsFront(slot: number): number {
    return this.#slotOrNone(this.#links[2 * slot] as number)
  }

  pushFront(list: number, slot: number): void {
    const links = this.#links
    const ring = this.#slotsMax + list
    const first = links[2 * ring + 1] as number
    links[2 * slot] = ring
    links[2 * slot + 1] = first
    links[2 * first] = slot
    links[2 * ring + 1] = slot
  }

  pushBack(list: number, slot: number): void {
    const links = this.#links
    const ring = this.#slotsMax + list
    const last = links[2 * ring] as number
    links[2 * slot] = last
    links[2 * slot + 1] = ring
    links[2 * last + 1] = slot
    links[2 * ring] = slot
  }

  /** Links a slot next to a linked one, on the side of the front. */
  insertBefore(linked: number, slot: number): void {
    const links = this.#links
    const before = links[2 * linked] as number
    links[2 * slot] = before
    links[2 * slot + 1] = linked
    links[2 * before + 1] = slot
    links[2 * linked] = slot
  }

  /** Unlinks a slot from whichever list of the family it is in. */
  remove(slot: number): void {
    const links = this.#links
    const before = links[2 * slot] as number
    const after = links[2 * slot + 1] as number
    links[2 * before + 1] = after
    links[2 * after] = before
  }

  #slotOrNone(place: number): number {
    return place < this.#slotsMax ? place : noSlot
  }
}
