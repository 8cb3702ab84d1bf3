import { noSlot } from './slot-lists.ts'

/**
 * From keys to slots by open addressing over typed arrays: a Map would end at 2^24 entries and stop the thread to rehash long
 * before. The table is cut into shards that grow one at a time, so that no growth moves more than a thousandth of it, and what
 * is deleted is closed up at once, so that a table under steady replacement stays as fast as a new one.
 */
export class KeyIndex {
  readonly #hashes: Uint32Array
  readonly #holdsKey: (slot: number, key: string) => boolean
  readonly #shards: Int32Array[] = []
  readonly #counts = new Uint32Array(shardCount)

  /** `holdsKey` says whether a slot's key is the one given; it is asked only where the hashes are equal. */
  constructor(slotsMax: number, holdsKey: (slot: number, key: string) => boolean) {
    this.#hashes = new Uint32Array(slotsMax)
    this.#holdsKey = holdsKey
    for (let shard = 0; shard < shardCount; shard++)
      this.#shards.push(new Int32Array(initialPlaces).fill(noSlot))
  }

  hashOf(slot: number): number {
    return this.#hashes[slot] as number
  }

  find(key: string, hash: number): number {
    const places = this.#shards[hash >>> shardShift] as Int32Array
    const mask = places.length - 1
    for (let place = hash & mask; ; place = (place + 1) & mask) {
      const slot = places[place] as number
      if (slot === noSlot || (this.#hashes[slot] === hash && this.#holdsKey(slot, key))) return slot
    }
  }

  /** Adds a slot whose key is not in the index. */
  add(slot: number, hash: number): void {
    const shard = hash >>> shardShift
    this.#hashes[slot] = hash
    const count = (this.#counts[shard] as number) + 1
    this.#counts[shard] = count
    if (count * 4 > (this.#shards[shard] as Int32Array).length * 3) this.#double(shard)
    place(this.#shards[shard] as Int32Array, slot, hash)
  }

  remove(slot: number): void {
    const hash = this.#hashes[slot] as number
    const shard = hash >>> shardShift
    const places = this.#shards[shard] as Int32Array
    const mask = places.length - 1
    let hole = hash & mask
    while (places[hole] !== slot) hole = (hole + 1) & mask
    this.#counts[shard] = (this.#counts[shard] as number) - 1
    // Whoever follows without a gap moves into the hole, unless it would then stand before its own first place.
    for (let next = (hole + 1) & mask; places[next] !== noSlot; next = (next + 1) & mask) {
      const follower = places[next] as number
      const home = (this.#hashes[follower] as number) & mask
      if (((next - home) & mask) < ((next - hole) & mask)) continue
      places[hole] = follower
      hole = next
    }
    places[hole] = noSlot
  }

  #double(shard: number): void {
    const old = this.#shards[shard] as Int32Array
    const wider = new Int32Array(old.length * 2).fill(noSlot)
    for (const slot of old) if (slot !== noSlot) place(wider, slot, this.#hashes[slot] as number)
    this.#shards[shard] = wider
  }
}

const shardCount = 1024
const shardShift = 22
const initialPlaces = 8

function place(places: Int32Array, slot: number, hash: number): void {
  const mask = places.length - 1
  let free = hash & mask
  while (places[free] !== noSlot) free = (free + 1) & mask
  places[free] = slot
}
